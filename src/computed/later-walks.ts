import { defineComputed } from '../model/computed.ts';
import { observed, unavailable } from '../model/evidence.ts';
import { walkLegs } from '../flow-walks/legs.ts';
import type { WalkedNode } from '../flow-walks/walked-node.ts';
import { nodeFacts, readNode } from './lib/read-node.ts';

export const laterWalks = defineComputed({
  id: 'later-walks',
  description: 'The walks that the datastore would let through, on the rule sets that a node had 10 s later.',
  essential: false,
  needs: ['flow', 'walks', 'expected-decisions', 'later-rulesets'],
  considers: nodeFacts,
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
    const isReadAgain = (node: string) => later.some((rulesets) => rulesets.node === node);
    const walks = legs.filter(
      ({ leg, node }) => isReadAgain(node) && differing.some((one) => one.leg === leg && one.node === node),
    );
    return observed(walks, facts.evidence('later-rulesets'));
  },
});
