import { defineCommand } from '../model/command.ts';

/** Tables of iptables-legacy that are in use; asking iptables-legacy itself with -t or -L would create them. */
export const catIpTablesNames = defineCommand({
  id: 'cat-ip-tables-names',
  argv: ['cat', '/proc/net/ip_tables_names'],
  timeoutSeconds: 2,
  maxBytes: 4_000,
});
/** The same of IPv6. */
export const catIp6TablesNames = defineCommand({
  id: 'cat-ip6-tables-names',
  argv: ['cat', '/proc/net/ip6_tables_names'],
  timeoutSeconds: 2,
  maxBytes: 4_000,
});
/** Virtual and real servers of IPVS: the kernel shows the file only where it is in use. */
export const catIpVs = defineCommand({
  id: 'cat-ip-vs',
  argv: ['cat', '/proc/net/ip_vs'],
  timeoutSeconds: 3,
  maxBytes: 4_000_000,
});
/** The queues (NFQUEUE) at which a program listens; the kernel shows the file only where it can queue. */
export const catPacketQueues = defineCommand({
  id: 'cat-packet-queues',
  argv: ['cat', '/proc/net/netfilter/nfnetlink_queue'],
  timeoutSeconds: 2,
  maxBytes: 100_000,
});
/** What the CNI plugin calls the node. calico-node writes it at its start. */
export const catCalicoNodename = defineCommand({
  id: 'cat-calico-nodename',
  argv: ['cat', '/var/lib/calico/nodename'],
  timeoutSeconds: 2,
  maxBytes: 4_000,
});
