import { defineComputed } from '../model/computed.ts';
import { endsIn, isDenied, sameRule } from '../model/denied-walk.ts';
import { observed } from '../model/evidence.ts';
import type { PacketWalk } from '../model/flow-walk.ts';
import type { WalkResult } from '../model/ruleset/walk.ts';
import type { WalkedNode } from '../flow-walks/walked-node.ts';
import { letPass } from '../ruleset/chains/passing-rule.ts';
import { legsOf, onNodes, readWalk, walkFacts, type ReadWalk } from './lib/read-walk.ts';
import { astrayOf, rightedNode } from './lib/righted-ways.ts';

/** How many drops behind the first are looked for on one leg. */
const most = 3;

export const furtherDrops = defineComputed({
  id: 'further-drops',
  description:
    "The drops behind the first one on the packet's way on a node. Those on its right way, too, where a kernel or a " +
    'rule leads the packet astray.',
  essential: false,
  needs: ['flow', 'pod', 'walks'],
  considers: [...walkFacts, 'judged-ways', 'righted-walks'],
  async compute(facts) {
    const walked = await facts.ask('righted-walks');
    const righted = walked.status === 'observed' ? walked.value.filter(isDenied) : [];
    const walks = facts.get('walks');
    const denied = walks.filter((walk) => isDenied(walk) && !walk.leg.startsWith('reply-'));
    const certain = denied.filter(({ wayDoubt }) => wayDoubt === null);
    if (denied.length === 0 && righted.length === 0) return observed([]);
    const [read, judged] = await Promise.all([readWalk(facts), facts.ask('judged-ways')]);
    if (read.status === 'unavailable') return observed([]);
    const way = read.value;
    const astray = astrayOf(judged.status === 'observed' ? judged.value.ways : [], walks);
    const rightWay = onNodes(way, (node) => rightedNode(node, astray));
    const behindRight = (walk: PacketWalk) => behind(walk, rightWay).map(marked);
    return observed(
      [
        ...denied.flatMap((walk) => {
          if (!endsIn(righted, walk)) return behind(walk, way);
          return endsIn(certain, walk) ? behindRight(walk) : [];
        }),
        ...righted.flatMap((walk) => (endsIn(certain, walk) ? [] : [marked(walk), ...behindRight(walk)])),
      ],
      facts.evidence('walks'),
    );
  },
});

function marked(walk: PacketWalk): PacketWalk {
  return { ...walk, onRightWay: true };
}

/** Walks the leg again and again, each time past the rule at which it ended. */
function behind(first: PacketWalk, way: ReadWalk): readonly PacketWalk[] {
  const found: PacketWalk[] = [];
  let { target, source } = way;
  let last: PacketWalk | null = first;
  while (last && found.length < most) {
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
    last = next && isDenied(next) && !sameRule(next.result.rule, rule) ? next : null;
    if (last) found.push(last);
  }
  return found;
}
