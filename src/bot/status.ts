import type { JobQueues } from '../model/jobs.ts';
import type { WorkersHealth } from '../model/worker-health.ts';
import type { PlanSurface, Turned } from '../plans/surface.ts';
import type { RunSurface } from '../runs/surface.ts';
import { blindSpotLines, type BlindSpotLine } from '../model/blind-spots.ts';
import { onlyCluster } from '../model/known-clusters.ts';
import type { Verdict } from '../model/verdict.ts';

export interface StatusDeps {
  readonly runs: Pick<RunSurface, 'recent' | 'worker'>;
  readonly plans: Pick<PlanSurface, 'list' | 'off'>;
  readonly queues: Pick<JobQueues, 'counts'>;
  /** Of this program. */
  readonly version: string;
  readonly approvers: readonly string[];
  readonly clock: { now(): Date };
}

/** Whether the bot is well, and what it cannot see. Redis answered, or there would be no status. */
export interface BotStatus {
  /** Of the bot. */
  readonly version: string;
  readonly worker: WorkersHealth | null;
  /** Jobs of all queues. */
  readonly queue: { readonly running: number; readonly waiting: number };
  readonly running: number;
  readonly waiting: number;
  readonly off: Turned | null;
  readonly approvers: number;
  /** What the last runs could not check. */
  readonly missed: readonly BlindSpotLine[];
}

const looked = 5;

/** States in which a job waits for a worker. A delayed one has its time to come, such as a follow-up. */
const waitingStates = ['waiting', 'prioritized', 'paused'] as const;

export async function readStatus(deps: StatusDeps): Promise<BotStatus> {
  const { runs, plans, queues, version, approvers, clock } = deps;
  const [worker, recent, records, off, counts] = await Promise.all([
    runs.worker(),
    runs.recent(looked),
    plans.list(),
    plans.off(),
    queues.counts(),
  ]);
  const now = clock.now().getTime();
  const jobs = (state: string) => Object.values(counts).reduce((sum, states) => sum + (states[state] ?? 0), 0);
  return {
    version,
    worker,
    queue: { running: jobs('active'), waiting: waitingStates.reduce((sum, state) => sum + jobs(state), 0) },
    running: recent.filter(({ end }) => end === null).length,
    waiting: records.filter(({ state, plan }) => state === 'proposed' && now < Date.parse(plan.expiresAt)).length,
    off,
    approvers: approvers.length,
    missed: missedBy(recent.flatMap(({ end }) => (end?.type === 'verdict' ? [end.verdict] : []))),
  };
}

/** Two clusters may have nodes of the same name: each line is about one, and one with many does not hide another's. */
function missedBy(verdicts: readonly Verdict[]): readonly BlindSpotLine[] {
  return [...Map.groupBy(verdicts, ({ cluster }) => cluster)]
    .flatMap(([cluster, of]) =>
      blindSpotLines(
        of.flatMap(({ blindSpots }) => blindSpots),
        cluster,
      ).map((line, at) => ({
        at,
        line: cluster === onlyCluster ? line : { ...line, text: `${cluster}: ${line.text}` },
      })),
    )
    .toSorted((a, b) => a.at - b.at)
    .map(({ line }) => line);
}
