/** The queues on BullMQ. Delivery is at least once; what acts once is made so by the jobs' ids and the run store. */
import { Queue, type ConnectionOptions } from 'bullmq';
import { QueueUnreachable, type JobQueues, type QueueName } from '../model/jobs.ts';
import { redisOptions } from './redis-connection.ts';
import { settles } from './settles.ts';

export interface QueueOptions {
  /** See redisOptions. */
  readonly address: string;
  readonly onError: (error: Error) => void;
  readonly prefix?: string;
  /** Within which adding succeeds or fails, whatever the server does. */
  readonly deadlineMs?: number;
}

export const queueNames: readonly QueueName[] = ['diagnose', 'fix', 'notify'];
/** A worker cannot choose among the jobs of one queue, so background jobs have queues of their own. */
export const backgroundName = (name: QueueName) => `${name}-background`;
export const defaultQueuePrefix = 'calico-chatops-queue';

/** Finished jobs stay for a while: as long as they are there, adding the same id again does nothing. */
/** How long Redis may take to say goodbye. */
const closeMs = 2000;

const kept = { removeOnComplete: { age: 86_400, count: 5000 }, removeOnFail: { age: 7 * 86_400, count: 5000 } };

/** Retries of jobs that may be done twice. A fix is never tried again. */
const tries: Readonly<
  Record<
    QueueName,
    { readonly attempts: number; readonly backoff?: { readonly type: 'exponential'; readonly delay: number } }
  >
> = {
  diagnose: { attempts: 2, backoff: { type: 'exponential', delay: 2000 } },
  fix: { attempts: 1 },
  notify: { attempts: 8, backoff: { type: 'exponential', delay: 500 } },
};

export function createJobQueues({
  address,
  onError,
  prefix = defaultQueuePrefix,
  deadlineMs = 1500,
}: QueueOptions): JobQueues {
  // Without these two a lost server would leave the caller waiting for ever.
  const connection: ConnectionOptions = {
    ...redisOptions(address),
    maxRetriesPerRequest: 1,
    connectTimeout: deadlineMs,
  };
  const options = (name: QueueName) => ({
    connection,
    prefix,
    skipWaitingForReady: true,
    defaultJobOptions: { ...kept, ...tries[name] },
  });
  const queues = new Map<string, Queue>();
  for (const name of queueNames) {
    for (const one of [name, backgroundName(name)]) queues.set(one, new Queue(one, options(name)));
  }
  for (const queue of queues.values()) queue.on('error', onError);

  async function inTime<T>(name: QueueName, background: boolean, act: (queue: Queue) => Promise<T>): Promise<T> {
    const queue = queues.get(background ? backgroundName(name) : name);
    if (!queue) throw new Error(`no queue ${name}`);
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs);
    const acting = act(queue);
    // It may fail later than the deadline, when nobody listens any more.
    acting.catch(() => undefined);
    try {
      return await Promise.race([acting, late.promise]);
    } catch (error) {
      throw new QueueUnreachable(name, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  async function count(name: QueueName): Promise<Readonly<Record<string, number>>> {
    const countOf = (background: boolean) => inTime(name, background, (queue) => queue.getJobCounts());
    const both = await Promise.all([countOf(false), countOf(true)]);
    const sums = new Map<string, number>();
    for (const [state, jobs] of both.flatMap(Object.entries)) sums.set(state, (sums.get(state) ?? 0) + jobs);
    return Object.fromEntries(sums);
  }

  return {
    async add({ queue: name, id, data, coalesce, background = false }) {
      await inTime(name, background, (queue) =>
        queue.add(name, data, {
          jobId: id,
          ...(coalesce ? { deduplication: { id: coalesce, keepLastIfActive: true } } : {}),
        }),
      );
    },
    async schedule({ queue: name, id, data, firstAt, everyMs, times }) {
      await inTime(name, true, (queue) =>
        queue.upsertJobScheduler(id, { every: everyMs, startDate: firstAt, limit: times }, { name, data }),
      );
    },
    async unschedule(name, id) {
      // Earlier versions scheduled in the other queue.
      for (const background of [true, false]) await inTime(name, background, (queue) => queue.removeJobScheduler(id));
    },
    async counts() {
      const [diagnose, fix, notify] = await Promise.all([count('diagnose'), count('fix'), count('notify')]);
      return { diagnose, fix, notify };
    },
    async close() {
      await Promise.all(
        [...queues.values()].map(async (queue) => {
          const closing = queue.close().catch(onError);
          if (!(await settles(closing, closeMs))) await queue.disconnect().catch(onError);
        }),
      );
    },
  };
}
