import type { Fact } from '../../model/evidence.ts';
import type { FelixState } from '../../model/facts.ts';

/** Why this Felix is not live, a sentence; null: it says that it is. */
export function whyNotLive({ liveness }: FelixState): string | null {
  if (liveness === 200 || liveness === 204) return null;
  return liveness === null ? 'No Felix process runs on the node.' : `Felix answers ${liveness} on its liveness port.`;
}

/** There is no Felix process, and nothing answers for one: nothing is being programmed there. */
export function isGone(felix: Fact<FelixState>): boolean {
  return felix.status === 'observed' && felix.value.liveness === null && felix.value.processes.length === 0;
}
