/** What the bot may ask of the life of runs. */
import { ulid } from 'ulid';
import { diagnosisJob, questionJob, type Question } from '../model/job-catalogue.ts';
import type { KnownClusters } from '../model/known-clusters.ts';
import type { JobQueues } from '../model/jobs.ts';
import type { CleanEvent, RunOrigin } from '../model/runs.ts';
import { changedFlow, type AskedFlow, type FlowChange } from '../model/asked-flow.ts';
import { endOf, type RunEnding } from '../model/run-life.ts';
import type { Target } from '../model/target.ts';
import {
  joinedHealth,
  readWorkerHealth,
  workerKeyOf,
  type WorkerHealth,
  type WorkersHealth,
} from '../model/worker-health.ts';
import { receiveAlerts, type NamedPlace, type Received, type ReceivedDelivery } from './alerts.ts';
import { receivePost, type ReceivedPost } from './receive-post.ts';
import type { TextPattern } from '../model/alert-text.ts';
import type { Posted, PostedPart } from '../model/slack-delivery.ts';
import { attend, type AttentionWord } from './attend.ts';
import type { WantedNames } from '../model/offered-names.ts';
import { mentionedTarget } from './mentioned-target.ts';
import { offeredNames } from './offered-names.ts';
import { cancelRun, type Cancelled } from './cancel-run.ts';
import type { TellDeps } from './tell.ts';

export type { AttentionWord, Received };

interface AskedDiagnosis {
  readonly target: Target;
  /** Id of the person. */
  readonly requester: string;
  readonly origin: RunOrigin;
}

/** A run in one line. */
export interface RecentRun {
  readonly run: string;
  readonly at: string;
  readonly target: Target;
  readonly requester: string;
  /** null: it runs. */
  readonly end: RunEnding | null;
}

export interface RunSurface {
  /** Asks a worker for a diagnosis. @returns the run's id */
  start(asked: AskedDiagnosis): Promise<string>;
  /**
   * Asks for the same diagnosis again, told in the same thread. `change`: what is asked in another way.
   * @returns the run's id, what speaks against the change, or null for a run that the store does not have
   */
  startAgain(
    run: string,
    asked: Omit<AskedDiagnosis, 'target' | 'origin'> & {
      readonly channel: string;
      readonly thread: string;
      readonly change?: FlowChange;
    },
  ): Promise<string | { readonly problem: string } | null>;
  /** Asks a worker something about the cluster; the answer goes to the person alone. */
  ask(question: Question): Promise<void>;
  /** The runs that started last, the newest first. */
  recent(most: number): Promise<readonly RecentRun[]>;
  /** What the worker said of itself last; null: it said nothing for a minute. */
  worker(): Promise<WorkersHealth | null>;
  /** The same by the name of the cluster. */
  workers(): Promise<ReadonlyMap<string, WorkerHealth | null>>;
  cancel(run: string, by: string): Promise<Cancelled>;
  /**
   * Tells what a person said to the alert of a run, or of the run whose thread it joined.
   * @returns false where there is no alert
   */
  attend(
    run: string,
    said: { readonly what: AttentionWord; readonly by: string; readonly minutes?: number },
  ): Promise<boolean>;
  /** Names for a person who types: see offeredNames. */
  names(wanted: WantedNames, signal: AbortSignal): Promise<readonly string[]>;
  /** Everything that a run told so far, in order; empty for one that has not started. */
  events(run: string): Promise<readonly CleanEvent[]>;
  /** The run that a person asked for last, if that was within the last day. */
  lastOf(person: string): Promise<string | null>;
  /**
   * Takes a delivery of Alertmanager.
   * @param payload JSON of others
   * @throws ProgramError `invalid-alert` for a payload that is not a delivery
   */
  receiveAlerts(payload: unknown, named: NamedPlace): Promise<ReceivedDelivery>;
  /** Returns the target that a message names; null: none. */
  mentioned(parts: readonly PostedPart[]): AskedFlow | null;
  /** Takes the alerts that another app posted in Slack. */
  receivePost(post: Posted): Promise<ReceivedPost>;
}

export interface RunSurfaceDeps extends TellDeps {
  readonly queues: JobQueues;
  /** The clusters that alerts may be about. */
  readonly clusters: KnownClusters;
  /** See AlertDeps. */
  readonly alertTemplates: readonly string[];
  /** See PostDeps. */
  readonly alertPatterns: readonly TextPattern[];
}

const oneDaySeconds = 86_400;

/** Every method throws StoreUnreachable or QueueUnreachable. */
export function createRunSurface(deps: RunSurfaceDeps): RunSurface {
  const { store, queues } = deps;
  const start: RunSurface['start'] = async (asked) => {
    const run = `r-${ulid()}`;
    await queues.add(diagnosisJob({ run, ...asked, alert: null }));
    await store.remember(lastKey(asked.requester), run, oneDaySeconds);
    return run;
  };
  const workers: RunSurface['workers'] = async () => {
    const asked = deps.clusters.map(
      async ({ name }) => [name, readWorkerHealth(await store.recall(workerKeyOf(name)))] as const,
    );
    return new Map(await Promise.all(asked));
  };
  return {
    start,
    workers,
    async startAgain(run, { requester, channel, thread, change = {} }) {
      const started = (await store.events(run)).find((event) => event.type === 'started');
      if (!started) return null;
      const flow = changedFlow(started.target, change);
      if (!flow.ok) return { problem: flow.problem };
      const target = { cluster: started.target.cluster, ...flow.value };
      return start({ target, requester, origin: { kind: 'recheck', channel, thread, joins: run } });
    },
    ask: (question) => queues.add(questionJob(question)),
    async recent(most) {
      const runs = await store.runs(most);
      const told = await Promise.all(runs.map(async (run) => recentRun(run, await store.events(run))));
      return told.filter((one) => one !== null);
    },
    attend: (run, said) => attend(deps, run, said),
    worker: async () => joinedHealth(await workers()),
    cancel: (run, by) => cancelRun(deps, run, by),
    names: (wanted, signal) => offeredNames(deps, wanted, signal),
    events: (run) => store.events(run),
    lastOf: (person) => store.recall(lastKey(person)),
    receiveAlerts: (payload, named) => receiveAlerts({ ...deps, named, templates: deps.alertTemplates }, payload),
    mentioned: (parts) => mentionedTarget(parts, { templates: deps.alertTemplates, patterns: deps.alertPatterns }),
    receivePost: (post) => receivePost({ ...deps, templates: deps.alertTemplates, patterns: deps.alertPatterns }, post),
  };
}

function recentRun(run: string, events: readonly CleanEvent[]): RecentRun | null {
  const started = events.find((event) => event.type === 'started');
  if (!started) return null;
  const { at, target, requester } = started;
  return { run, at, target, requester, end: endOf(events) };
}

function lastKey(person: string): string {
  return `last-run.${person}`;
}
