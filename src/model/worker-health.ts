/** What a worker says of itself, in the store: the bot, which has no way into the cluster, tells it. */
import { z } from 'zod';
import { onlyCluster } from './known-clusters.ts';

/** One a cluster: each may have a worker of its own. */
export const workerKeyOf = (cluster: string) =>
  cluster === onlyCluster ? 'worker-health' : `worker-health.${cluster}`;
/** A worker says it so often, and what is older than a few of these is forgotten. */
export const workerSaysMs = 15_000;
export const workerKeptSeconds = 60;

const health = z.object({
  /** ISO 8601, UTC. */
  at: z.iso.datetime(),
  /** Of its program; workers of earlier versions do not say it. */
  version: z.string().optional(),
  /** What it cannot read at all, each with what to do. */
  blind: z.array(z.object({ text: z.string(), next: z.string() })).readonly(),
});
export type WorkerHealth = z.infer<typeof health>;
/** Of the workers of all clusters. */
export interface WorkersHealth extends Pick<WorkerHealth, 'at' | 'blind'> {
  /** Of their programs, each once. */
  readonly versions: readonly string[];
}

/** Reads what the store has; null: nothing, or nothing that this version reads. */
export function readWorkerHealth(stored: string | null): WorkerHealth | null {
  if (stored === null) return null;
  try {
    return health.parse(JSON.parse(stored));
  } catch {
    return null;
  }
}

/**
 * Returns what the workers of all clusters say, as one; null: none works.
 * @param told by the name of the cluster; null: its worker said nothing
 */
export function joinedHealth(told: ReadonlyMap<string, WorkerHealth | null>): WorkersHealth | null {
  const known = [...told.values()].filter((one) => one !== null);
  const [first] = known.map(({ at }) => at).toSorted();
  if (first === undefined) return null;
  const silent = [...told].filter(([, one]) => one === null).map(([name]) => name);
  return {
    at: first,
    versions: [...new Set(known.flatMap(({ version }) => version ?? []))].toSorted(),
    blind: [
      ...silent.map((name) => ({
        text: `${name}: no worker says that it works`,
        next: `Run calico-chatops serve --role worker with a configuration that names ${name}`,
      })),
      ...known.flatMap(({ blind }) => blind),
    ],
  };
}
