import type { Fact } from '../../model/evidence.ts';
import type { FelixState } from '../../model/facts.ts';

/** Why this Felix is not live, a sentence; null: nothing says so. */
export function whyNotLive({ processes, liveness }: FelixState): string | null {
  if (liveness === 200 || liveness === 204) return null;
  if (liveness !== null) return `Its liveness answers ${liveness}.`;
  // Health reporting is off by default: silence on the port alone says nothing.
  return processes.length === 0 ? 'There is no Felix process, and nothing answers on its health port.' : null;
}

/** There is no Felix process, and nothing answers for one: nothing is being programmed there. */
export function isGone(felix: Fact<FelixState>): boolean {
  return felix.status === 'observed' && felix.value.liveness === null && felix.value.processes.length === 0;
}
