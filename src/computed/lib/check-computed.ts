import type { ComputedFact } from '../../model/computed.ts';
import { checkUnits } from '../../model/declared-units.ts';

/**
 * Returns the computed facts as they are, when what they declare holds together.
 * @throws Error that names every offender: as `checkUnits`; a fact that follows from itself, by way of others
 */
export function checkComputed(computed: readonly ComputedFact[]): readonly ComputedFact[] {
  const inputs = new Map<string, readonly string[]>(
    computed.map(({ id, needs, considers = [] }) => [id, [...needs, ...considers]]),
  );
  const reaches = (from: string, to: string, seen: Set<string>): boolean =>
    (inputs.get(from) ?? []).some((next) => {
      if (next === to) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return reaches(next, to, seen);
    });
  checkUnits('computed facts', computed, ({ id }) => (reaches(id, id, new Set()) ? ['follows from itself'] : []));
  return computed;
}
