/** Ports to the queues. Delivery is at least once; a job's id makes adding it twice the same as once. */
export type QueueName = 'diagnose' | 'fix' | 'notify';

/**
 * Jobs that run in slots of their own, and never hold up those that somebody waits for. `background`: nobody waits for
 * them. `waiting`: they wait for real traffic, most of their time. `typing`: names for a person who types, which are
 * worth nothing a few seconds later.
 */
export type Lane = 'background' | 'waiting' | 'typing';
export const lanes: readonly Lane[] = ['background', 'waiting', 'typing'];
/** What stands behind the name of a queue for the jobs of a lane. */
export const laneSuffix: Readonly<Record<Lane, string>> = {
  background: '-background',
  waiting: '-waiting',
  typing: '-typing',
};

export interface QueuedJob {
  readonly queue: QueueName;
  /** The cluster that a worker needs a way into; not given: any worker will do. */
  readonly cluster?: string;
  /** Letters, digits, `-`, `_` and `.`; a job of a known id is not added again while it is kept. */
  readonly id: string;
  /** JSON. */
  readonly data: object;
  /** Jobs of one key never wait twice: while one waits another is dropped, while one runs a single one follows. */
  readonly coalesce?: string;
  /** Not given: somebody waits for it. */
  readonly lane?: Lane;
  /** When it runs; not given: at once. */
  readonly at?: Date;
}

/** Runs a background job again and again: at `firstAt`, then every `everyMs`, at most `times` times. */
interface ScheduledJob {
  readonly queue: QueueName;
  /** As of a queued job. */
  readonly cluster?: string;
  readonly id: string;
  readonly data: object;
  readonly firstAt: Date;
  readonly everyMs: number;
  readonly times: number;
}

/** @throws QueueUnreachable within the deadline of the queues, whatever the server does. */
export interface JobQueues {
  add(job: QueuedJob): Promise<void>;
  schedule(job: ScheduledJob): Promise<void>;
  /** Of every cluster. */
  unschedule(queue: QueueName, id: string): Promise<void>;
  /** Jobs by state, a queue, those of every lane and of every cluster included. */
  counts(): Promise<Readonly<Record<QueueName, Readonly<Record<string, number>>>>>;
  close(): Promise<void>;
}

export class QueueUnreachable extends Error {
  constructor(queue: QueueName, options?: { cause?: unknown }) {
    super(`the queue ${queue} does not answer`, options);
    this.name = 'QueueUnreachable';
  }
}

/** A job is about a cluster that this program's configuration does not name. */
export class UnknownQueue extends Error {
  constructor(queue: string) {
    super(`there is no queue ${queue}: the configuration does not name its cluster`);
    this.name = 'UnknownQueue';
  }
}

/** What a worker does with a job; a rejection fails the job. `signal` aborts when the worker has to stop now. */
export interface JobHandler {
  run(data: unknown, signal: AbortSignal): Promise<void>;
  /**
   * The job will not be tried any more and did not succeed: its worker died, or it threw. Called once, where it died by
   * another worker.
   */
  abandoned?(data: unknown, job: AbandonedJob): Promise<void>;
  /** Jobs at once that somebody waits for. */
  readonly concurrency: number;
  /** Jobs at once of each lane, beside those; not set: the queue takes none. */
  readonly lanes?: Readonly<Partial<Record<Lane, number>>>;
  /** A job that must never be started twice, even when its worker died in the middle. */
  readonly startOnce: boolean;
}
/** `error`: what it threw; null: its worker died. */
interface AbandonedJob {
  readonly id: string;
  readonly error: Error | null;
}
export type JobHandlers = Readonly<Record<QueueName, JobHandler>>;

export interface JobWorkers {
  /** Takes no new jobs, waits `graceMs` for running ones, then aborts them. */
  stop(graceMs: number): Promise<void>;
}
