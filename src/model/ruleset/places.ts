/** Where a rule stands: who reads it, at which hook, in tables of which family. */

/** `ebpf`: Felix's programs of an interface, which is called table there, and their hook chain. */
export type Backend = 'iptables-legacy' | 'iptables-nft' | 'nftables' | 'ebpf';
export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';
export type Family = 'ip' | 'ip6' | 'inet' | 'arp' | 'bridge' | 'netdev';

/** One rule in its place; index 0 is the policy of a base chain. */
export interface PlacedRule {
  readonly backend: Backend;
  readonly family: Family;
  readonly table: string;
  readonly chain: string;
  readonly index: number;
  readonly text: string;
}

/** Is it a family of one version of IP? Of a node, only the one that its packets meet was read. */
export function isOfIp(family: Family): family is 'ip' | 'ip6' {
  return family === 'ip' || family === 'ip6';
}
