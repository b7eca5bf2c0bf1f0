import type { WorkerHealth } from '../model/worker-health.ts';
import type { PlanSurface, Turned } from '../plans/surface.ts';
import type { RunSurface } from '../runs/surface.ts';
import { blindSpotLines, type BlindSpotLine } from '../model/blind-spots.ts';
import { onlyCluster } from '../model/known-clusters.ts';
import type { Verdict } from '../model/verdict.ts';

export interface StatusDeps {
  readonly runs: Pick<RunSurface, 'recent' | 'worker'>;
  readonly plans: Pick<PlanSurface, 'list' | 'off'>;
  readonly approvers: readonly string[];
  readonly clock: { now(): Date };
}

/** Whether the bot is well, and what it cannot see. Redis answered, or there would be no status. */
export interface BotStatus {
  readonly worker: WorkerHealth | null;
  readonly running: number;
  readonly waiting: number;
  readonly off: Turned | null;
  readonly approvers: number;
  /** What the last runs could not check. */
  readonly missed: readonly BlindSpotLine[];
}

const looked = 5;

export async function readStatus({ runs, plans, approvers, clock }: StatusDeps): Promise<BotStatus> {
  const [worker, recent, records, off] = await Promise.all([
    runs.worker(),
    runs.recent(looked),
    plans.list(),
    plans.off(),
  ]);
  const now = clock.now().getTime();
  return {
    worker,
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
