import type { JobQueues } from '../model/jobs.ts';
import { notifyJob } from '../model/job-catalogue.ts';
import type { Clock } from '../model/ports.ts';
import type { Cleaned, RunEventBody, RunStore, TellRun } from '../model/runs.ts';
import { withoutSecrets } from '../model/stored-event.ts';

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
 * Takes the secrets out of an event of a run, stores it, then asks the notifier to look. An event is stored also when
 * the notifier cannot be asked: the next look sees it.
 * @returns the event as it is stored
 * @throws what the store throws: nothing is told before it is stored.
 */
export async function tell<B extends RunEventBody>(deps: TellDeps, run: string, body: B): Promise<B & Cleaned> {
  const event = withoutSecrets({ at: deps.clock.now().toISOString(), ...body });
  const count = await deps.store.append(run, event);
  try {
    await deps.queues?.add(notifyJob(run, count, deps.background ?? false));
  } catch (error) {
    deps.warn(`the thread of ${run} could not be asked to follow`, error);
  }
  return event;
}

/** The same for who has no business with queues. */
export function teller(deps: TellDeps): TellRun {
  return async (run, body) => void (await tell(deps, run, body));
}
