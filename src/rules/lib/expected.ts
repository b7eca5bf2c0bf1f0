import type { ExpectedDecision } from '../../model/facts.ts';
import type { Fact } from '../../model/evidence.ts';
import type { PacketWalk } from '../../model/flow-walk.ts';

/** What the datastore's objects say of the packet that this walk ends; null: nobody compared them. */
export function expectedOf(walk: PacketWalk, expected: Fact<readonly ExpectedDecision[]>): ExpectedDecision | null {
  if (expected.status !== 'observed') return null;
  return expected.value.find(({ leg, node, direction }) => leg === walk.leg && node === walk.node && direction === (walk.result.owner?.direction ?? direction)) ?? null;
}

/** The node drops what the datastore's objects let through. */
export function isOutdated(walk: PacketWalk, expected: Fact<readonly ExpectedDecision[]>): boolean {
  return expectedOf(walk, expected)?.decision === 'allow';
}

/** A sentence for the detail of a finding that rests on the node's rules. */
export function comparedWords(walk: PacketWalk, expected: Fact<readonly ExpectedDecision[]>): string {
  const found = expectedOf(walk, expected);
  if (found?.decision === 'deny') return `The datastore says the same: ${found.by}.`;
  if (found) return `Whether the datastore says the same is not known: ${found.by}.`;
  return `The datastore was not asked whether it says the same${expected.status === 'unavailable' ? `: ${expected.reason}` : ''}.`;
}

/** Why a rule that blames an object does not apply where the node's chains are outdated. */
export function outdatedWords(walk: PacketWalk, expected: Fact<readonly ExpectedDecision[]>): string {
  return `what drops the packet on ${walk.node} is not what the datastore says: ${expectedOf(walk, expected)?.by ?? ''}`;
}
