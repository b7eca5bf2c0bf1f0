import { defineComputed } from '../model/computed.ts';
import { observed, unavailable } from '../model/evidence.ts';
import { hookDefects } from '../ruleset/felix/kernel-hooks.ts';

export const calicoHooks = defineComputed({
  id: 'calico-hooks',
  description: "Chains of the kernel, on a node of the flow, that do not lead through Calico's.",
  essential: false,
  needs: ['rulesets@target'],
  considers: ['rulesets@source'],
  async compute(facts) {
    const target = facts.get('rulesets@target');
    const source = await facts.ask('rulesets@source');
    if (source.status === 'unavailable' && source.code !== 'not-applicable')
      return unavailable('needed-fact-missing', source.reason);
    const nodes = [
      target,
      ...(source.status === 'observed' && source.value.node !== target.node ? [source.value] : []),
    ];
    return observed(
      nodes.flatMap(({ node, ruleSets }) => hookDefects(ruleSets).map((defect) => ({ node, ...defect }))),
      [...facts.evidence('rulesets@target'), ...source.evidence],
    );
  },
});
