/**
 * Recognises what Felix programs on a node. Sources: felix/dataplane/linux/bpf_ep_mgr.go (the devices) and
 * int_dataplane.go (the rules of eBPF mode), felix/rules/dispatch.go (the chains of the other modes).
 */
import type { Dataplane, NodeDataplane } from '../../model/dataplane.ts';
import type { NodeRuleSets } from '../../model/flow-walk.ts';
import type { Link } from '../../model/network.ts';
import type { FilterRule, RuleSet } from '../../model/ruleset/rules.ts';

const bpfDevices = ['bpfin.cali', 'bpfout.cali'] as const;
/** Comments of rules that Felix writes in eBPF mode alone, in the chains of the kernel. */
const bpfComments = [
  'Pre-approved by BPF programs.',
  'From workload without BPF seen mark',
  'To workload, check workload is known.',
  'Accept packets from flows that pre-date BPF.',
] as const;
const kernelChain = /^(?:filter-)?(?:FORWARD|INPUT)$/;
/** A chain of a pod whose policies packet filters enforce; eBPF mode has none. */
const endpointChain = /^(?:filter-)?cali-[tf]w-/;

/**
 * Returns the dataplane of a node. One sign alone does not prove eBPF: a rule or a device may be a leftover.
 * @param rulesets null: they could not be read
 * @param isEnabled what Calico's configuration says, which counts only together with a sign; null: not read
 */
export function dataplaneOf(
  node: string,
  links: readonly Link[],
  rulesets: NodeRuleSets | null,
  isEnabled: boolean | null = null,
): NodeDataplane {
  const ruleSets = rulesets?.ruleSets ?? [];
  const backend = ruleSets.find((one) => hasChain(one, endpointChain))?.backend ?? null;
  const devices = bpfDevices.every((name) => links.some((link) => link.name === name));
  const rules = bpfRules(ruleSets);
  // Devices are a pair; of rules it takes two. Chains of pods say that packet filters decide.
  const isBpf = backend === null ? devices || rules.length >= 2 : devices && rules.length >= 2;
  const isLikely = devices || rules.length > 0;
  if (!isBpf && !(isEnabled && isLikely && backend === null)) {
    const signs = backend ? [`chains of pods in ${backend satisfies Dataplane}`] : [];
    return { node, dataplane: backend, signs, ...(isLikely && backend === null ? { isLikelyEbpf: true } : {}) };
  }
  return {
    node,
    dataplane: 'ebpf',
    signs: [
      ...(devices ? [`devices ${bpfDevices.join(' and ')}`] : []),
      ...(rules.length > 0 ? [`Felix's rules of eBPF mode: ${rules.map((text) => `"${text}"`).join(', ')}`] : []),
      ...(backend === null ? ['no chain of a pod in the packet filters'] : []),
      ...(isEnabled ? ['FelixConfiguration default has bpfEnabled true'] : []),
    ],
  };
}

function hasChain({ tables }: RuleSet, name: RegExp): boolean {
  return tables.some((table) => table.chains.some((chain) => name.test(chain.name)));
}

function bpfRules(ruleSets: readonly RuleSet[]): readonly string[] {
  const rules = ruleSets.flatMap(({ tables }) =>
    tables
      .filter(({ name }) => name === 'filter' || name === 'calico')
      .flatMap(({ chains }) => chains.filter(({ name }) => kernelChain.test(name)).flatMap((chain) => chain.rules)),
  );
  return bpfComments.filter((comment) => rules.some((rule) => isFelixs(rule, comment)));
}

/** In nftables mode a rule has one comment: the tag, then the text. */
function isFelixs({ tag, comments }: FilterRule, comment: string): boolean {
  return tag !== null && comments.some((text) => text === comment || text.endsWith(`; ${comment}`));
}
