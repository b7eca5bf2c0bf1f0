/** What carries out Calico's policies on a node. */
export type Dataplane = 'iptables-legacy' | 'iptables-nft' | 'nftables' | 'ebpf';

export interface NodeDataplane {
  readonly node: string;
  /** null: nothing of Felix's is there. */
  readonly dataplane: Dataplane | null;
  /** By what it is known; without full stops. */
  readonly signs: readonly string[];
  /** One sign of eBPF is there, and Calico's configuration can tell more. */
  readonly isLikelyEbpf?: true;
}

/** Why packet filters of a node that runs the eBPF dataplane are not judged, and what a person can read instead. */
export function ebpfWords({ node, signs }: NodeDataplane): string {
  const runs = `${node} runs Calico's eBPF dataplane (${signs.join('; ')})`;
  const instead = 'Its programs decide there, not packet filters, and were not read';
  return `${runs}. ${instead}. In calico-node, run calico-node -bpf counters dump`;
}
