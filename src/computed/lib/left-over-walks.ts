import { withoutLayer } from '../../calico/chain-names.ts';
import type { WalkedNode } from '../../flow-walks/walked-node.ts';
import { isDenied } from '../../model/denied-walk.ts';
import type { PacketWalk } from '../../model/flow-walk.ts';
import type { LeftOverRules } from '../../model/left-over-rules.ts';
import type { Backend } from '../../model/ruleset/places.ts';
import { isRefused } from '../../model/ruleset/walk.ts';
import { withoutCalico } from '../../ruleset/felix/without-calico.ts';

/**
 * Looks past rules that an earlier Felix left. A packet that they end, and the rules of the Felix that runs as well, is
 * told as ended by the latter; one that they alone end is marked.
 * @param walkAgain walks every leg on changed nodes
 */
export function pastLeftOvers(
  walks: readonly PacketWalk[],
  split: readonly LeftOverRules[],
  walkAgain: (change: (node: WalkedNode) => WalkedNode) => readonly PacketWalk[],
): readonly PacketWalk[] {
  if (!walks.some((walk) => leftEndOf(walk, split) !== null)) return walks;
  const again = walkAgain((node) => {
    const { rulesets } = node;
    const stale = staleOn(rulesets.node, split, walks);
    return { ...node, rulesets: { ...rulesets, ruleSets: stale.reduce(withoutCalico, rulesets.ruleSets) } };
  });
  return walks.map((walk) => {
    const backend = leftEndOf(walk, split);
    const known = split.find(({ node }) => node === walk.node);
    const other = again.find(({ leg, node }) => leg === walk.leg && node === walk.node);
    if (backend === null || !known || !other) return walk;
    if (isDenied(other)) return other;
    const { inUse, sign } = known;
    return isDenied(walk) ? { ...walk, leftOver: { backend, inUse, sign } } : walk;
  });
}

/** Where nobody knows which backend is in use, the one that ends a packet is tried without. */
function staleOn(node: string, split: readonly LeftOverRules[], walks: readonly PacketWalk[]): readonly Backend[] {
  const known = split.find((one) => one.node === node);
  if (!known) return [];
  if (known.inUse !== null) return known.backends.filter((one) => one !== known.inUse);
  return walks.flatMap((walk) => (walk.node === node ? (leftEndOf(walk, split) ?? []) : [])).slice(0, 1);
}

/** The backend of a rule of Calico's that may end the packet, and that Felix does not program, or may not. */
function leftEndOf({ node, result }: PacketWalk, split: readonly LeftOverRules[]): Backend | null {
  const known = split.find((one) => one.node === node);
  if (!known) return null;
  for (const { decision, rule } of result.ends)
    if (rule && isRefused(decision) && rule.backend !== known.inUse && withoutLayer(rule.chain).startsWith('cali-'))
      return rule.backend;
  return null;
}
