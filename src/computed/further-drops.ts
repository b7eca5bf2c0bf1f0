import { defineComputed } from '../model/computed.ts';
import { endsIn, isDenied, sameRule } from '../model/denied-walk.ts';
import { observed } from '../model/evidence.ts';
import type { Flow } from '../model/flow.ts';
import type { PacketWalk } from '../model/flow-walk.ts';
import type { KnownNames } from '../model/ruleset/owner.ts';
import type { WalkResult } from '../model/ruleset/walk.ts';
import { walkLegs } from '../flow-walks/legs.ts';
import type { WalkedNode } from '../flow-walks/walked-node.ts';
import { letPass } from '../ruleset/chains/passing-rule.ts';
import { likelyProfiles } from './lib/likely-profiles.ts';
import { nodeFacts, readNode } from './lib/read-node.ts';
import { rightedNode, straysOf } from './lib/righted-ways.ts';

/** How many drops behind the first are looked for on one leg. */
const most = 3;

export const furtherDrops = defineComputed({
  id: 'further-drops',
  description:
    'The drops that stand behind the first one on the way of the asked packet on a node, and those on its right way ' +
    'where a kernel leads it astray.',
  essential: false,
  needs: ['flow', 'pod', 'walks'],
  considers: ['pods', ...nodeFacts, 'judged-ways', 'righted-walks'],
  async compute(facts) {
    const flow = facts.get('flow');
    const walked = await facts.ask('righted-walks');
    const righted = walked.status === 'observed' ? walked.value.filter(isDenied) : [];
    const denied = facts.get('walks').filter((walk) => isDenied(walk) && !walk.leg.startsWith('reply-'));
    if (denied.length === 0 && righted.length === 0) return observed([]);
    const [pods, target, source, judged] = await Promise.all([
      facts.ask('pods'),
      readNode(facts, 'target'),
      readNode(facts, 'source'),
      facts.ask('judged-ways'),
    ]);
    if (target.status === 'unavailable') return observed([]);
    const known = [facts.get('pod'), ...(pods.status === 'observed' ? pods.value : [])];
    const names = { profiles: likelyProfiles(flow, known), policies: [] };
    const way: Way = { flow, target: target.value, source: source.status === 'observed' ? source.value : null, names };
    const strays = straysOf(judged.status === 'observed' ? judged.value.ways : []);
    const rightWay: Way = {
      ...way,
      target: rightedNode(way.target, strays),
      source: way.source && rightedNode(way.source, strays),
    };
    return observed(
      [
        ...denied.flatMap((walk) => behind(walk, endsIn(righted, walk) ? rightWay : way)),
        ...righted.flatMap((walk) => (endsIn(denied, walk) ? [] : [walk, ...behind(walk, rightWay)])),
      ],
      facts.evidence('walks'),
    );
  },
});

interface Way {
  readonly flow: Flow;
  readonly target: WalkedNode;
  readonly source: WalkedNode | null;
  readonly names: KnownNames;
}

/** Walks the leg again and again, each time past the rule at which it ended. */
function behind(first: PacketWalk, way: Way): readonly PacketWalk[] {
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
    const next = walkLegs(way.flow, target, source, { names: way.names }).find(({ leg }) => leg === first.leg);
    last = next && isDenied(next) && !sameRule(next.result.rule, rule) ? next : null;
    if (last) found.push(last);
  }
  return found;
}
