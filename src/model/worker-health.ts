/** What a worker says of itself, in the store: the bot, which has no way into the cluster, tells it. */
import { z } from 'zod';

export const workerKey = 'worker-health';
/** A worker says it so often, and what is older than a few of these is forgotten. */
export const workerSaysMs = 15_000;
export const workerKeptSeconds = 60;

const health = z.object({
  /** ISO 8601, UTC. */
  at: z.iso.datetime(),
  /** What it cannot read at all, each with what to do. */
  blind: z.array(z.object({ text: z.string(), next: z.string() })).readonly(),
});
export type WorkerHealth = z.infer<typeof health>;

/** Reads what the store has; null: nothing, or nothing that this version reads. */
export function readWorkerHealth(stored: string | null): WorkerHealth | null {
  if (stored === null) return null;
  try {
    return health.parse(JSON.parse(stored));
  } catch {
    return null;
  }
}
