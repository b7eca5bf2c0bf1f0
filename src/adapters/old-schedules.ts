/** Schedules that earlier versions left in Redis, and that nobody would ever end. */
import { Queue } from 'bullmq';
import { onlyCluster } from '../model/known-clusters.ts';
import type { QueueName } from '../model/jobs.ts';
import { defaultQueuePrefix, endQueue, laneName, queuesOf, type QueueOptions } from './queue.ts';
import { answered, redisOptions } from './redis-connection.ts';

/** How their ids began, by queue. Both are single jobs now. */
const old: readonly (readonly [QueueName, RegExp])[] = [
  ['notify', /^expiry\./],
  ['diagnose', /^after-silence\./],
];
/** What is due, or was so lately, still has its job: nobody looks then without it. */
const overMs = 86_400_000;
/** Read of one queue, the longest over first. What is left is removed at the next start. */
const mostRead = 2000;

/** Removes them, and returns how many there were. @throws what Redis throws */
export async function removeOldSchedules({
  address,
  onError,
  prefix = defaultQueuePrefix,
  clusters = [onlyCluster],
}: Omit<QueueOptions, 'deadlineMs'>): Promise<number> {
  const connection = { ...redisOptions(address), maxRetriesPerRequest: 1 };
  let removed = 0;
  for (const [name, isOld] of old) {
    for (const own of queuesOf(name, clusters)) {
      for (const lane of [null, 'background'] as const) {
        const queue = new Queue(laneName(own, lane), { connection, prefix, skipWaitingForReady: true });
        queue.on('error', onError);
        try {
          const schedules = await answered(queue.getJobSchedulers(0, mostRead - 1, true));
          const over = schedules.filter(({ key, next }) => isOld.test(key) && (next ?? 0) < Date.now() - overMs);
          for (const { key: id } of over) if (await answered(queue.removeJobScheduler(id))) removed += 1;
        } finally {
          await endQueue(queue, onError);
        }
      }
    }
  }
  return removed;
}
