import type { Fact } from './evidence.ts';
import type { FelixState } from './control-plane.ts';

/** There is no Felix process, and nothing answers for one: nothing is being programmed there. */
export function isFelixGone(felix: Fact<FelixState> | undefined): boolean {
  return felix?.status === 'observed' && felix.value.liveness === null && felix.value.processes.length === 0;
}
