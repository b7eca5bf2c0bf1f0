/** Names that a dialog offers while a person types. A worker reads them; the bot finds them in the store. */
import { z } from 'zod';

/** `namespace` null: the namespaces of the cluster; else the pods and Services of that one, as targets are written. */
export interface WantedNames {
  readonly cluster: string;
  readonly namespace: string | null;
}

/** Names that are read of one collection, and kept. */
export const mostRead = 1000;
/** Names are served for so long without another look; what is older serves while a worker is late. */
export const freshMs = 20_000;
export const keptSeconds = 600;

export const offeredKey = ({ cluster, namespace }: WantedNames) => `offered.${cluster}.${namespace ?? ''}`;

const stored = z.object({
  at: z.number(),
  names: z
    .array(z.string().max(400))
    .max(2 * mostRead)
    .readonly(),
});
export type OfferedNames = z.infer<typeof stored>;

/** Reads what the store has; null: nothing, or nothing that this version reads. */
export function readOffered(text: string | null): OfferedNames | null {
  if (text === null) return null;
  try {
    return stored.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
