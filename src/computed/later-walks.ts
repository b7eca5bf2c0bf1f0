import { defineComputed } from '../model/computed.ts';
import { observed, unavailable } from '../model/evidence.ts';
import type { PacketWalk } from '../model/flow-walk.ts';
import { walkLegs } from '../flow-walks/legs.ts';
import { judgesOf, walkPrograms } from '../flow-walks/programs.ts';
import type { WalkedNode } from '../flow-walks/walked-node.ts';
import { nodeFacts, readNode } from './lib/read-node.ts';

export const laterWalks = defineComputed({
  id: 'later-walks',
  description:
    'The walks that the datastore would let through, on the rule sets and programs that a node had 10 s later.',
  essential: false,
  needs: ['flow', 'walks', 'expected-decisions', 'later-rulesets'],
  considers: [...nodeFacts, 'later-programs'],
  async compute(facts) {
    const flow = facts.get('flow');
    const later = facts.get('later-rulesets');
    const differing = facts.get('expected-decisions').filter(({ decision }) => decision === 'allow');
    const [target, source] = await Promise.all([readNode(facts, 'target'), readNode(facts, 'source')]);
    if (target.status === 'unavailable')
      return unavailable('needed-fact-missing', "what was read of the pod's node the first time is not known");
    const nodeLater = (first: WalkedNode): WalkedNode => ({
      ...first,
      rulesets: later.find(({ node }) => node === first.rulesets.node) ?? first.rulesets,
    });
    const other = flow.source.node === null || source.status === 'unavailable' ? null : nodeLater(source.value);
    const legs = walkLegs(flow, nodeLater(target.value), other);
    const programs = await facts.ask('later-programs');
    const judges = judgesOf(flow, programs.status === 'observed' ? programs.value : []);
    const byPrograms = facts.get('walks').filter((walk) => walk.byPrograms);
    const again = byPrograms.map((walk) => walkPrograms(walk, judges, 'the eBPF programs were not read again'));
    const isReadAgain = (walk: PacketWalk) =>
      later.some(({ node }) => node === walk.node) && !byPrograms.some((one) => isSameLeg(one, walk));
    const walks = [...legs.filter(isReadAgain), ...again].filter((walk) =>
      differing.some((one) => isSameLeg(one, walk)),
    );
    return observed(walks, facts.evidence('later-rulesets'));
  },
});

function isSameLeg(one: Pick<PacketWalk, 'leg' | 'node'>, other: Pick<PacketWalk, 'leg' | 'node'>): boolean {
  return one.leg === other.leg && one.node === other.node;
}
