import type { AlsoAffected } from '../model/also-affected.ts';
import type { Fact } from '../model/evidence.ts';

const named = 3;

/** Returns a note for each policy and profile that ends packets of the flow: which other pods it judges, too. */
export function affectedNote(affected: Fact<readonly AlsoAffected[]>): readonly string[] {
  if (affected.status === 'unavailable') return [];
  return affected.value.flatMap(({ element, pods, unknown }) => {
    if (pods.length === 0) return [];
    const names = pods.slice(0, named).join(', ');
    const more = pods.length > named ? ` and ${pods.length - named} more` : '';
    const doubt = unknown > 0 ? ` Of ${unknown} more pods this is not known.` : '';
    const [head, ...rest] = element;
    return [
      `${head?.toUpperCase()}${rest.join('')} also applies to ${pods.length} other ` +
        `${pods.length === 1 ? 'pod' : 'pods'}: ${names}${more}.${doubt}`,
    ];
  });
}
