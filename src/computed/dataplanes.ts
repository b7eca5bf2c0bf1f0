import { defineComputed } from '../model/computed.ts';
import { observed, unavailable, type Fact } from '../model/evidence.ts';
import type { NodeDataplane } from '../model/dataplane.ts';
import type { NodeRuleSets } from '../model/flow-walk.ts';
import type { Datastore } from '../model/control-plane.ts';
import type { Install } from '../model/install.ts';
import type { Link } from '../model/network.ts';
import { dataplaneOf } from '../ruleset/felix/dataplane.ts';

export const dataplanes = defineComputed({
  id: 'dataplanes',
  description: "Calico's dataplane on each node of the flow: a packet filter, or eBPF programs; with its signs.",
  essential: false,
  needs: ['flow'],
  considers: [
    'rulesets@target',
    'links@target',
    'rulesets@source',
    'links@source',
    'left-over-rules',
    'datastore',
    'install',
  ],
  async compute(facts) {
    const { destination, source } = facts.get('flow');
    const [rulesets, links, sourceRulesets, sourceLinks] = await Promise.all([
      facts.ask('rulesets@target'),
      facts.ask('links@target'),
      facts.ask('rulesets@source'),
      facts.ask('links@source'),
    ]);
    if (links.status === 'unavailable') return unavailable('needed-fact-missing', links.reason);
    const split = await facts.ask('left-over-rules');
    const inUse = (one: NodeDataplane): NodeDataplane => {
      const told = split.status === 'observed' ? split.value.find(({ node }) => node === one.node)?.inUse : null;
      return told && one.dataplane !== 'ebpf' ? { ...one, dataplane: told } : one;
    };
    const known = (isEnabled: boolean | null) =>
      [
        destination.node === null ? null : nodeOf(destination.node, rulesets, links, isEnabled),
        ...(source.node === destination.node ? [] : [nodeOf(source.node, sourceRulesets, sourceLinks, isEnabled)]),
      ].flatMap((one) => (one ? inUse(one) : []));
    const seen = known(null);
    // Reading the datastore takes longest: ask it only if the nodes look like eBPF.
    if (!seen.some(({ isLikelyEbpf }) => isLikelyEbpf)) return observed(seen);
    const [datastore, install] = await Promise.all([facts.ask('datastore'), facts.ask('install')]);
    return observed(known(configured(datastore, install)));
  },
});

/** FelixConfiguration decides. The operator copies it from its Installation, so the Installation is second best. */
function configured(datastore: Fact<Datastore>, install: Fact<Install>): boolean | null {
  const felix = datastore.status === 'observed' ? datastore.value.bpfEnabled : undefined;
  const wanted = install.status === 'observed' ? (install.value.operator?.linuxDataplane ?? null) : null;
  return felix ?? (wanted === null ? null : wanted === 'BPF');
}

function nodeOf(
  node: string | null,
  rulesets: Fact<NodeRuleSets>,
  links: Fact<readonly Link[]>,
  isEnabled: boolean | null,
) {
  if (node === null || links.status === 'unavailable') return null;
  return dataplaneOf(node, links.value, rulesets.status === 'observed' ? rulesets.value : null, isEnabled);
}
