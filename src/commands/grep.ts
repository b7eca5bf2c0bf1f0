import { defineCommand } from '../model/command.ts';

/** The line that says which datastore, alone: the file may name keys, never hold them. */
export const grepDatastoreType = defineCommand({
  id: 'grep-datastore-type',
  argv: ['grep', '-hiE', '^ *datastoreType:', '/etc/calico/calicoctl.cfg'],
  timeoutSeconds: 2,
  maxBytes: 10_000,
});

/**
 * What the kernel is told of every IPv4 interface, `all` and `default` (one file a key under /proc), and the lines of
 * sysctl files that set the same keys when the node starts.
 */
export const grepInterfaceSettings = defineCommand({
  id: 'grep-interface-settings',
  argv: [
    'grep',
    '-rsE',
    '--include=forwarding',
    '--include=rp_filter',
    '--include=proxy_arp',
    '--include=*.conf',
    String.raw`^[0-9]+$|^[^#;]*net[./]ipv4[./](ip_forward|conf[./][^ =]+[./](forwarding|rp_filter|proxy_arp)) *=`,
    '/proc/sys/net/ipv4/conf',
    '/etc/sysctl.conf',
    '/etc/sysctl.d',
    '/run/sysctl.d',
    '/usr/local/lib/sysctl.d',
    '/usr/lib/sysctl.d',
  ],
  timeoutSeconds: 4,
  maxBytes: 2_000_000,
});

/** Counters of the kernel, of the node's own network; files that are not there are left out. */
export const grepKernelCounters = defineCommand({
  id: 'grep-kernel-counters',
  argv: [
    'grep',
    '-sH',
    '^',
    '/proc/sys/net/netfilter/nf_conntrack_count',
    '/proc/sys/net/netfilter/nf_conntrack_max',
    '/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established',
    '/proc/net/stat/nf_conntrack',
    '/proc/net/snmp',
  ],
  timeoutSeconds: 2,
  maxBytes: 500_000,
});

/** Memory that is left (`kB`), and the number of lists in which the kernel keeps tracked connections. */
export const grepConnectionRoom = defineCommand({
  id: 'grep-connection-room',
  argv: ['grep', '-sHE', '^MemAvailable:|^[0-9]+$', '/proc/meminfo', '/proc/sys/net/netfilter/nf_conntrack_buckets'],
  timeoutSeconds: 2,
  maxBytes: 10_000,
});
