import { untoldJob } from '../model/job-catalogue.ts';
import type { JobQueues } from '../model/jobs.ts';
import type { Clock } from '../model/ports.ts';
import type { RunStore } from '../model/runs.ts';

export interface AskUntoldDeps {
  readonly store: Pick<RunStore, 'untold'>;
  readonly queues: Pick<JobQueues, 'add'>;
  readonly clock: Clock;
}

/** What is younger has a job of its own, which may be at work. */
const olderThanMs = 30_000;
const most = 1000;

/**
 * Asks the notifier about every run whose last event is not told yet. Asking for what is told, or is just being told,
 * changes nothing. @throws StoreUnreachable | QueueUnreachable
 */
export async function askUntold({ store, queues, clock }: AskUntoldDeps): Promise<void> {
  for (const { run, sinceMs } of await store.untold(olderThanMs, most))
    await queues.add(untoldJob(run, sinceMs, clock.now()));
}
