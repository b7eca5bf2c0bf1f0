/** Where a rule stands: who reads it, at which hook, in tables of which family. */

/** `ebpf`: Felix's programs of an interface, which is called table there, and their hook chain. */
export type Backend = 'iptables-legacy' | 'iptables-nft' | 'nftables' | 'ebpf';
export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';
export type Family = 'ip' | 'ip6' | 'inet' | 'arp' | 'bridge' | 'netdev';
