import { defineComputed } from '../model/computed.ts';
import { observed, unavailable, type Fact } from '../model/evidence.ts';
import type { NodeRuleSets } from '../model/flow-walk.ts';
import type { Link } from '../model/network.ts';
import { dataplaneOf } from '../ruleset/felix/dataplane.ts';

export const dataplanes = defineComputed({
  id: 'dataplanes',
  description: "What carries out Calico's policies on each node of the flow: a packet filter, or eBPF programs.",
  essential: false,
  needs: ['flow'],
  considers: ['rulesets@target', 'links@target', 'rulesets@source', 'links@source'],
  async compute(facts) {
    const { destination, source } = facts.get('flow');
    const [rulesets, links, sourceRulesets, sourceLinks] = await Promise.all([
      facts.ask('rulesets@target'),
      facts.ask('links@target'),
      facts.ask('rulesets@source'),
      facts.ask('links@source'),
    ]);
    if (links.status === 'unavailable') return unavailable('needed-fact-missing', links.reason);
    const known = [
      nodeOf(destination.node, rulesets, links),
      ...(source.node === destination.node ? [] : [nodeOf(source.node, sourceRulesets, sourceLinks)]),
    ];
    return observed(
      known.flatMap((one) => one ?? []),
      [],
    );
  },
});

function nodeOf(node: string | null, rulesets: Fact<NodeRuleSets>, links: Fact<readonly Link[]>) {
  if (node === null || links.status === 'unavailable') return null;
  return dataplaneOf(node, links.value, rulesets.status === 'observed' ? rulesets.value : null);
}
