/** The queues on BullMQ. Delivery is at least once; what acts once is made so by the jobs' ids and the run store. */
import { Queue, type ConnectionOptions } from 'bullmq';
import {
  lanes,
  laneSuffix,
  QueueUnreachable,
  UnknownQueue,
  type JobQueues,
  type Lane,
  type QueueName,
} from '../model/jobs.ts';
import { onlyCluster } from '../model/known-clusters.ts';
import { afterAwake } from './awake-timer.ts';
import { redisOptions } from './redis-connection.ts';
import { settles } from './settles.ts';

export interface QueueOptions {
  /** See redisOptions. */
  readonly address: string;
  readonly onError: (error: Error) => void;
  readonly prefix?: string;
  /** The clusters that jobs may be about, each with queues of its own; not given: the one without a name. */
  readonly clusters?: readonly string[];
  /** Within which adding succeeds or fails, whatever the server does. */
  readonly deadlineMs?: number;
}

export const queueNames: readonly QueueName[] = ['diagnose', 'fix', 'notify'];
/** What a worker does for Slack alone needs no way into a cluster. */
const needsCluster: Readonly<Record<QueueName, boolean>> = { diagnose: true, fix: true, notify: false };
/** A worker cannot choose among the jobs of one queue, so each lane has queues of its own. */
export const laneName = (name: string, lane: Lane | null) => (lane === null ? name : `${name}${laneSuffix[lane]}`);
const everyLane: readonly (Lane | null)[] = [null, ...lanes];

/** The queues of a kind of job: one for each cluster whose jobs they are. */
export function queuesOf(name: QueueName, clusters: readonly string[]): readonly string[] {
  return needsCluster[name] ? clusters.map((cluster) => queueOf(name, cluster)) : [name];
}

function queueOf(name: QueueName, cluster: string | undefined): string {
  return cluster === undefined || cluster === onlyCluster || !needsCluster[name] ? name : `${name}.${cluster}`;
}
export const defaultQueuePrefix = 'calico-chatops-queue';

/** How long Redis may take to say goodbye. */
export const closeMs = 2000;

/** Finished jobs stay for a while: as long as they are there, adding the same id again does nothing. */
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

/** Ends the connections of a queue or a worker, whether Redis says goodbye or not. Never rejects. */
export async function endQueue(
  queue: Pick<Queue, 'close' | 'disconnect'>,
  onError: (error: Error) => void,
): Promise<void> {
  if (await settles(queue.close().catch(onError), closeMs)) return;
  // It waits for the connection to be up before it cuts it.
  await settles(queue.disconnect().catch(onError), closeMs);
}

export function createJobQueues({
  address,
  onError,
  prefix = defaultQueuePrefix,
  clusters = [onlyCluster],
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
    for (const own of queuesOf(name, clusters)) {
      for (const lane of everyLane) queues.set(laneName(own, lane), new Queue(laneName(own, lane), options(name)));
    }
  }
  for (const queue of queues.values()) queue.on('error', onError);

  interface Place {
    readonly name: QueueName;
    /** As `queueOf` names it. */
    readonly own: string;
    /** null: somebody waits. */
    readonly lane: Lane | null;
  }

  async function inTime<T>(place: Place, act: (queue: Queue) => Promise<T>): Promise<T> {
    const { name, own, lane } = place;
    const queue = queues.get(laneName(own, lane));
    if (!queue) throw new UnknownQueue(own);
    const late = Promise.withResolvers<never>();
    const stop = afterAwake(deadlineMs, () => late.reject(new Error(`no answer within ${deadlineMs} ms`)));
    const acting = act(queue);
    // It may fail later than the deadline, when nobody listens any more.
    acting.catch(() => undefined);
    try {
      return await Promise.race([acting, late.promise]);
    } catch (error) {
      throw new QueueUnreachable(name, { cause: error });
    } finally {
      stop();
    }
  }

  const placesOf = (name: QueueName): readonly Place[] =>
    queuesOf(name, clusters).flatMap((own) => everyLane.map((lane) => ({ name, own, lane })));

  async function count(name: QueueName): Promise<Readonly<Record<string, number>>> {
    const all = await Promise.all(placesOf(name).map((place) => inTime(place, (queue) => queue.getJobCounts())));
    const sums = new Map<string, number>();
    for (const [state, jobs] of all.flatMap(Object.entries)) sums.set(state, (sums.get(state) ?? 0) + jobs);
    return Object.fromEntries(sums);
  }

  return {
    async add({ queue: name, cluster, id, data, coalesce, lane = null, at }) {
      await inTime({ name, own: queueOf(name, cluster), lane }, (queue) =>
        queue.add(name, data, {
          jobId: id,
          ...(at === undefined ? {} : { delay: Math.max(0, at.getTime() - Date.now()) }),
          ...(coalesce ? { deduplication: { id: coalesce, keepLastIfActive: true } } : {}),
        }),
      );
    },
    async schedule({ queue: name, cluster, id, data, firstAt, everyMs, times }) {
      await inTime({ name, own: queueOf(name, cluster), lane: 'background' }, (queue) =>
        queue.upsertJobScheduler(id, { every: everyMs, startDate: firstAt, limit: times }, { name, data }),
      );
    },
    async unschedule(name, id) {
      // Earlier versions scheduled in the other queue.
      const places = placesOf(name).filter(({ lane }) => lane === null || lane === 'background');
      for (const place of places) await inTime(place, (queue) => queue.removeJobScheduler(id));
    },
    async counts() {
      const [diagnose, fix, notify] = await Promise.all([count('diagnose'), count('fix'), count('notify')]);
      return { diagnose, fix, notify };
    },
    async close() {
      await Promise.all([...queues.values()].map((queue) => endQueue(queue, onError)));
    },
  };
}
