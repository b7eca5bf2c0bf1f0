import { Worker, type Job } from 'bullmq';
import { lanes, type JobHandler, type JobHandlers, type JobWorkers } from '../model/jobs.ts';
import { closeMs, defaultQueuePrefix, endQueue, laneName, queueNames, queuesOf, type QueueOptions } from './queue.ts';
import { onlyCluster } from '../model/known-clusters.ts';
import { redisOptions } from './redis-connection.ts';
import { settles } from './settles.ts';

export interface WorkerOptions extends Omit<QueueOptions, 'deadlineMs'> {
  /** How long a worker may be silent before its job counts as lost, in milliseconds. */
  readonly lockMs?: number;
}

/**
 * The locks of a killed worker run out by themselves. A job without one is taken at the second look that finds it so:
 * people wait for that.
 */
const looksPerLock = 6;

/** What a job may take to end when it is told to. */
const cancelMs = 5000 + closeMs;

type Processor = (job: Job, token: string | undefined, signal: AbortSignal | undefined) => Promise<void>;

/** BullMQ's words for a job that was started before and never finished. */
const givenUp = /stalled more than allowable limit|started more than allowable limit/;

/**
 * Starts a worker for each of the three queues, and one for each lane that a queue takes jobs of: for each cluster its
 * own, so that one which is away holds up no other.
 */
export function startJobWorkers(
  handlers: JobHandlers,
  { address, onError, prefix = defaultQueuePrefix, clusters = [onlyCluster], lockMs = 30_000 }: WorkerOptions,
): JobWorkers {
  const running = countRunning();
  const start = (queue: string, handler: JobHandler, concurrency: number) => {
    const worker = new Worker(queue, running.counted(processorOf(handler)), {
      connection: { ...redisOptions(address), maxRetriesPerRequest: null },
      prefix,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: Math.ceil(lockMs / looksPerLock),
      ...(handler.startOnce ? { maxStalledCount: 0, maxStartedAttempts: 1 } : { maxStalledCount: 2 }),
    });
    worker.on('error', onError);
    worker.on('failed', (job, error) => {
      onError(error);
      // Async, so that a handler which throws at once rejects instead of throwing into BullMQ.
      const isLost = givenUp.test(error.message);
      // One that is tried again has no end.
      if (job && (isLost || job.finishedOn !== undefined))
        void (async () => handler.abandoned?.(job.data, { id: job.id ?? '', error: isLost ? null : error }))().catch(
          onError,
        );
    });
    return worker;
  };
  const workers = queueNames.flatMap((name) => {
    const handler = handlers[name];
    return queuesOf(name, clusters).flatMap((own) => [
      start(own, handler, handler.concurrency),
      ...lanes.flatMap((lane) => {
        const slots = handler.lanes?.[lane] ?? 0;
        return slots > 0 ? [start(laneName(own, lane), handler, slots)] : [];
      }),
    ]);
  });
  return {
    async stop(graceMs) {
      const closing = Promise.all(workers.map((worker) => worker.close().catch(onError)));
      // Closing waits for the jobs, and then for Redis, which may never say goodbye. One more job may begin meanwhile.
      const ended = async () => {
        do await running.none();
        while (!(await settles(closing, closeMs)) && running.any());
      };
      if (!(await settles(ended(), graceMs))) {
        for (const worker of workers) worker.cancelAllJobs('the worker stops');
        await settles(ended(), cancelMs);
      }
      await Promise.all(workers.map((worker) => endQueue(worker, onError)));
    },
  };
}

/** Counts the jobs that run. */
function countRunning() {
  const jobs = new Set<Promise<void>>();
  return {
    counted: (process: Processor): Processor => {
      // BullMQ counts the parameters.
      return (job, token, signal) => {
        const work = process(job, token, signal).finally(() => jobs.delete(work));
        jobs.add(work);
        return work;
      };
    },
    any: () => jobs.size > 0,
    /** Resolves when none runs. */
    async none() {
      while (jobs.size > 0) await Promise.allSettled(jobs);
    },
  };
}

/** BullMQ gives a signal only to a processor that declares it as its third parameter. */
function processorOf(handler: JobHandler): Processor {
  return async (job, _token, signal) => {
    await handler.run(job.data, signal ?? new AbortController().signal);
  };
}
