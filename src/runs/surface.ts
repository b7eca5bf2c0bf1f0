/** What the bot may ask of the life of runs. */
import { ulid } from 'ulid';
import { diagnosisJob } from '../model/job-catalogue.ts';
import type { JobQueues } from '../model/jobs.ts';
import type { CleanEvent, RunOrigin } from '../model/runs.ts';
import type { Target } from '../model/target.ts';
import { receiveAlerts, type ReceivedDelivery } from './alerts.ts';
import { cancelRun, type Cancelled } from './cancel-run.ts';
import type { TellDeps } from './tell.ts';

interface AskedDiagnosis {
  readonly target: Target;
  /** Id of the person. */
  readonly requester: string;
  readonly origin: RunOrigin;
}

export interface RunSurface {
  /** Asks a worker for a diagnosis. @returns the run's id */
  start(asked: AskedDiagnosis): Promise<string>;
  /**
   * Asks for the same diagnosis again, told in the same thread. @returns null for a run that the store does not have
   */
  startAgain(
    run: string,
    asked: Omit<AskedDiagnosis, 'target' | 'origin'> & { readonly channel: string; readonly thread: string },
  ): Promise<string | null>;
  cancel(run: string, by: string): Promise<Cancelled>;
  /** Everything that a run told so far, in order; empty for one that has not started. */
  events(run: string): Promise<readonly CleanEvent[]>;
  /** The run that a person asked for last, if that was within the last day. */
  lastOf(person: string): Promise<string | null>;
  /**
   * Takes a delivery of Alertmanager.
   * @param payload JSON of others
   * @throws ProgramError `invalid-alert` for a payload that is not a delivery
   */
  receiveAlerts(payload: unknown, channel: string): Promise<ReceivedDelivery>;
}

export interface RunSurfaceDeps extends TellDeps {
  readonly queues: JobQueues;
  /** The cluster that alerts are about. */
  readonly cluster: string;
}

const oneDaySeconds = 86_400;

/** Every method throws StoreUnreachable or QueueUnreachable. */
export function createRunSurface(deps: RunSurfaceDeps): RunSurface {
  const { store, queues, cluster } = deps;
  const start: RunSurface['start'] = async (asked) => {
    const run = `r-${ulid()}`;
    await queues.add(diagnosisJob({ run, ...asked, alert: null }));
    await store.remember(lastKey(asked.requester), run, oneDaySeconds);
    return run;
  };
  return {
    start,
    async startAgain(run, { requester, channel, thread }) {
      const started = (await store.events(run)).find((event) => event.type === 'started');
      if (!started) return null;
      return start({ target: started.target, requester, origin: { kind: 'recheck', channel, thread, joins: run } });
    },
    cancel: (run, by) => cancelRun(deps, run, by),
    events: (run) => store.events(run),
    lastOf: (person) => store.recall(lastKey(person)),
    receiveAlerts: (payload, channel) => receiveAlerts({ ...deps, cluster, channel }, payload),
  };
}

function lastKey(person: string): string {
  return `last-run.${person}`;
}
