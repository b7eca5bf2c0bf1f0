/** Where a rule stands: who reads it, at which hook, in tables of which family. */

export type Backend = 'iptables-legacy' | 'iptables-nft' | 'nftables';
export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';
export type Family = 'ip' | 'ip6' | 'inet' | 'arp' | 'bridge' | 'netdev';
