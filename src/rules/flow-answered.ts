import type { Fact } from '../model/evidence.ts';
import type { Reachability } from '../model/facts.ts';

/** Did every packet of the asked flow get its answer? null: it was not tried, or the try itself failed. */
export function flowAnswered(reachability: Fact<Reachability>): boolean | null {
  if (reachability.status === 'unavailable') return null;
  const asked = reachability.value.attempts.filter(({ what, answer }) => what === 'flow' && answer !== 'error');
  return asked.length === 0 ? null : asked.every(({ answer }) => answer === 'reply');
}
