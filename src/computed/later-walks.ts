import { defineComputed } from '../model/computed.ts';
import { observed, unavailable } from '../model/evidence.ts';
import { waysOn } from '../ruleset/flow-walks/chosen-way.ts';
import { walkLegs } from '../ruleset/flow-walks/legs.ts';
import type { WalkedNode } from '../ruleset/flow-walks/walked-node.ts';
import { walkedNode } from './lib/walked-node.ts';

export const laterWalks = defineComputed({
  id: 'later-walks',
  description: 'The walks that the datastore would let through, on the rule sets that a node had 10 s later.',
  essential: false,
  needs: ['flow', 'walks', 'expected-decisions', 'later-rulesets'],
  considers: [
    'kernel-ways',
    'rulesets@target',
    'routes@target',
    'links@target',
    'rulesets@source',
    'routes@source',
    'links@source',
  ],
  async compute(facts) {
    const flow = facts.get('flow');
    const later = facts.get('later-rulesets');
    const differing = facts.get('expected-decisions').filter(({ decision }) => decision === 'allow');
    const [ways, target, source] = await Promise.all([
      facts.ask('kernel-ways'),
      Promise.all([facts.ask('rulesets@target'), facts.ask('routes@target'), facts.ask('links@target')]).then(
        walkedNode,
      ),
      Promise.all([facts.ask('rulesets@source'), facts.ask('routes@source'), facts.ask('links@source')]).then(
        walkedNode,
      ),
    ]);
    if (!target)
      return unavailable('needed-fact-missing', "what was read of the pod's node the first time is not known");
    const nodeLater = (first: WalkedNode | null) => {
      const rulesets = later.find(({ node }) => node === first?.rulesets.node);
      return (
        first && {
          ...first,
          rulesets: rulesets ?? first.rulesets,
          ways: waysOn(first.rulesets, ways.status === 'observed' ? ways.value : []),
        }
      );
    };
    const legs = walkLegs(flow, nodeLater(target) ?? target, flow.source.node === null ? null : nodeLater(source));
    const isReadAgain = (node: string) => later.some((rulesets) => rulesets.node === node);
    const walks = legs.filter(
      ({ leg, node }) => isReadAgain(node) && differing.some((one) => one.leg === leg && one.node === node),
    );
    return observed(walks, facts.evidence('later-rulesets'));
  },
});
