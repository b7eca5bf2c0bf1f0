import type { Dataplane, Topology } from './topology.ts';

/**
 * Rewrites a listing of nft in the words of iptables-save: one rule a line, comments first, chains of the filter table
 * without their layer. Elements of maps and sets stand like rules of a chain.
 */
const asSave = [
  '/^\\t(chain|map|set) /{chain=$2;sub(/^filter-/,"",chain);next}',
  '/^\\t\\t/{sub(/^\\t+ */,"");text="";',
  'if(match($0,/ ?comment ".*"$/)){text=" -m comment --comment " substr($0,RSTART+9);$0=substr($0,1,RSTART-1)}',
  'gsub(/jump filter-/,"-j ");gsub(/goto filter-/,"-g ");sub(/ drop$/," -j DROP");sub(/ accept$/," -j ACCEPT");',
  'print "-A " chain text " " $0}',
].join(' ');

/** A shell command that prints the rules which Felix programs on a node as iptables-save does, without counters. */
export function savedRules(dataplane: Dataplane): string {
  return dataplane === 'nftables' ? `nft -s list table ip calico | awk '${asSave}'` : `iptables-${dataplane}-save`;
}

/** The backend of iptables that rules of others are in. */
export function iptablesOf(dataplane: Dataplane): 'legacy' | 'nft' {
  return dataplane === 'nftables' ? 'nft' : dataplane;
}

/** The command that takes an address out of one of Felix's sets, or fails where it is not in it. */
export function setMember({ dataplane }: Topology, verb: 'delete' | 'get', set: string, address: string): string[] {
  const family = address.includes(':') ? 'ip6' : 'ip';
  if (dataplane === 'nftables') return ['nft', verb, 'element', family, 'calico', set, '{', address, '}'];
  return ['ipset', verb === 'get' ? 'test' : 'del', set, address];
}
