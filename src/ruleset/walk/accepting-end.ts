import type { WalkEnd } from '../../model/ruleset/walk.ts';
import { sizeOf } from '../chains/lazy-chain.ts';
import { endOf, type ChainEnd, type WalkState } from './walk-state.ts';

/**
 * Returns the end of a packet that every chain let pass. Of these chains it names the last explicit accept among those
 * that filter (at INPUT, FORWARD or OUTPUT with priority 0 or later, if the walk met any), else the policy of the last
 * such chain that has rules.
 */
export function acceptingEnd(state: WalkState): WalkEnd {
  const plain = state.chainEnds.filter(({ place }) => place.base.type !== 'nat');
  const filtering = plain.filter(
    ({ place }) => place.priority >= 0 && ['INPUT', 'FORWARD', 'OUTPUT'].includes(place.base.hook),
  );
  const told = filtering.length > 0 ? filtering : plain.length > 0 ? plain : state.chainEnds;
  const end: ChainEnd | undefined =
    told.findLast(({ explicit }) => explicit) ?? told.findLast(({ place }) => sizeOf(place.chain) > 0) ?? told.at(-1);
  return endOf(state, 'accept', end ?? null);
}
