import { defineComputed } from '../model/computed.ts';
import type { HookDefect } from '../model/calico-hooks.ts';
import type { NodeDataplane } from '../model/dataplane.ts';
import { isOfIp } from '../model/ruleset/places.ts';
import { observed, unavailable, type Fact } from '../model/evidence.ts';
import type { Flow } from '../model/flow.ts';
import type { NodeRuleSets } from '../model/flow-walk.ts';
import { hasCalicoChains } from '../ruleset/felix/calico-backends.ts';
import { hookDefects } from '../ruleset/felix/kernel-hooks.ts';

export const calicoHooks = defineComputed({
  id: 'calico-hooks',
  description: "Chains of the kernel, on a node of the flow, that do not lead through Calico's.",
  essential: false,
  needs: ['rulesets@target'],
  considers: ['rulesets@source', 'flow', 'dataplanes'],
  async compute(facts) {
    const target = facts.get('rulesets@target');
    const source = await facts.ask('rulesets@source');
    if (source.status === 'unavailable' && source.code !== 'not-applicable')
      return unavailable('needed-fact-missing', source.reason);
    const nodes = [
      target,
      ...(source.status === 'observed' && source.value.node !== target.node ? [source.value] : []),
    ];
    const [flow, planes] = await Promise.all([facts.ask('flow'), facts.ask('dataplanes')]);
    return observed(
      nodes.flatMap((one): readonly HookDefect[] => {
        const found = hookDefects(one.ruleSets).map((defect) => ({ node: one.node, ...defect }));
        return found.length === 0 && isBare(one, flow, planes) ? bareDefects(one) : found;
      }),
      [...facts.evidence('rulesets@target'), ...source.evidence],
    );
  },
});

/** All packet filters of the node were read, and should hold Calico's rules, and none does. */
function isBare(
  { node, ruleSets, unread = [] }: NodeRuleSets,
  flow: Fact<Flow>,
  planes: Fact<readonly NodeDataplane[]>,
): boolean {
  if (flow.status === 'unavailable' || planes.status === 'unavailable' || unread.length > 0) return false;
  const plane = planes.value.find((one) => one.node === node);
  const { source, destination } = flow.value;
  return (
    plane?.dataplane === null &&
    !plane.isLikelyEbpf &&
    [source, destination].some((end) => end.node === node && end.interface !== null) &&
    ruleSets.every(({ uncertainties }) => uncertainties.length === 0) &&
    !hasCalicoChains(ruleSets)
  );
}

function bareDefects({ node, ruleSets }: NodeRuleSets): readonly HookDefect[] {
  const owner = ruleSets.find(({ tables }) => tables.some(({ family, name }) => isOfIp(family) && name === 'filter'));
  const backend = owner?.backend ?? 'iptables-nft';
  return ['INPUT', 'FORWARD', 'OUTPUT'].map((chain) => ({
    node,
    backend,
    table: 'filter',
    chain,
    flaw: 'none',
    rule: null,
  }));
}
