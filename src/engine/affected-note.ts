import type { AlsoAffected } from '../model/also-affected.ts';
import type { Fact } from '../model/evidence.ts';
import { capital, someOf } from '../model/words.ts';

const named = 3;

/** Returns a note for each policy and profile that ends packets of the flow: which other pods it judges, too. */
export function affectedNote(affected: Fact<readonly AlsoAffected[]>): readonly string[] {
  if (affected.status === 'unavailable') return [];
  return affected.value.flatMap(({ element, pods, unknown }) => {
    if (pods.length === 0) return [];
    const doubt = unknown > 0 ? ` Of ${unknown} more pods this is not known.` : '';
    return [
      `${capital(element)} also applies to ${pods.length} other ` +
        `${pods.length === 1 ? 'pod' : 'pods'}: ${someOf(pods, named)}.${doubt}`,
    ];
  });
}
