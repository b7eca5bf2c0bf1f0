import { isDenied, sameRule } from '../../model/denied-walk.ts';
import type { PacketWalk } from '../../model/flow-walk.ts';
import type { WalkResult } from '../../model/ruleset/walk.ts';
import type { WalkedNode } from '../../flow-walks/walked-node.ts';
import { letPass } from '../../ruleset/chains/passing-rule.ts';
import { legsOf, type ReadWalk } from './read-walk.ts';

/** How many drops behind the first are looked for on one leg. */
const most = 3;

export interface WalkedBehind {
  readonly drops: readonly PacketWalk[];
  /** Behind all of them the packet is accepted. */
  readonly passes: boolean;
}

/** Walks the leg of a denied walk again and again, each time past the rule at which it ended. */
export function walkedBehind(first: PacketWalk, way: ReadWalk): WalkedBehind {
  const drops: PacketWalk[] = [];
  let { target, source } = way;
  let last: PacketWalk = first;
  while (drops.length < most) {
    const { rule, owner }: WalkResult = last.result;
    if (!rule) break;
    const passing = (node: WalkedNode): WalkedNode => ({
      ...node,
      rulesets: {
        ...node.rulesets,
        ruleSets: letPass(node.rulesets.ruleSets, rule, owner?.kind === 'foreign' ? 'miss' : 'accept'),
      },
    });
    if (target.rulesets.node === first.node) target = passing(target);
    else source = source && passing(source);
    const next = legsOf({ ...way, target, source }).find(({ leg }) => leg === first.leg);
    if (!next || !isDenied(next) || sameRule(next.result.rule, rule))
      return { drops, passes: next?.result.decision === 'accept' };
    drops.push(next);
    last = next;
  }
  return { drops, passes: false };
}
