import type { JobQueues } from '../model/jobs.ts';
import { notifyJob } from '../model/job-catalogue.ts';
import type { Clock } from '../model/ports.ts';
import type { RunEventBody, RunStore, TellRun } from '../model/runs.ts';

export interface TellDeps {
  readonly store: RunStore;
  readonly clock: Clock;
  /** null: nobody is told (the command line reads the store itself). */
  readonly queues: JobQueues | null;
  /** Nobody waits for these runs: their messages come after those that somebody waits for. */
  readonly background?: boolean;
  /** Trouble that must not stop a run. */
  readonly warn: (what: string, error: unknown) => void;
}

/**
 * Stores an event of a run, then asks the notifier to look. When the notifier cannot be asked, the event is stored all
 * the same: the next look sees it.
 * @throws what the store throws: nothing is told before it is stored.
 */
export async function tell(deps: TellDeps, run: string, body: RunEventBody): Promise<void> {
  const count = await deps.store.append(run, { at: deps.clock.now().toISOString(), ...body });
  try {
    await deps.queues?.add(notifyJob(run, count, deps.background ?? false));
  } catch (error) {
    deps.warn(`the thread of ${run} could not be asked to follow`, error);
  }
}

/** The same for who has no business with queues. */
export function teller(deps: TellDeps): TellRun {
  return (run, body) => tell(deps, run, body);
}
