import type { FelixState } from '../../model/control-plane.ts';

/** Why this Felix is not live, a sentence; null: it says that it is. */
export function whyNotLive({ liveness }: FelixState): string | null {
  if (liveness === 200 || liveness === 204) return null;
  return liveness === null ? 'No Felix process runs on the node.' : `Felix answers ${liveness} on its liveness port.`;
}
