import { connectionBytes, fullPercent, leastLimit, mostPercentOfMemory } from '../model/kernel-counters.ts';
import { defineCommand } from '../model/command.ts';

/** How many connections the kernel tracks and may track. No request brings a value: a node is never told a bound. */
const limits = [
  'type grep sysctl >/dev/null || exit 127',
  'folder=/proc/sys/net/netfilter',
  '[[ -r $folder/nf_conntrack_max && -r $folder/nf_conntrack_count ]] || exit 1',
  'max=$(<$folder/nf_conntrack_max)',
  'count=$(<$folder/nf_conntrack_count)',
];
const refused = (why: string) => `{ echo "${why}" >&2; exit 3; }`;
const setting = { timeoutSeconds: 5, maxBytes: 10_000, writes: true } as const;
const set = (value: string) => `sysctl -w net.netfilter.nf_conntrack_max=$((${value}))`;

/** Doubles the bound of a table that is full, where the memory that is left allows it. */
export const bashConnectionsDouble = defineCommand({
  id: 'bash-connections-double',
  argv: [
    'bash',
    '-c',
    [
      ...limits,
      `(( count * 100 >= max * ${fullPercent} )) || ${refused('the table has room: $count of $max')}`,
      'read -r _ free _ < <(grep ^MemAvailable: /proc/meminfo)',
      `(( max * ${connectionBytes} <= free * 1024 * ${mostPercentOfMemory} / 100 )) || ${refused('$free kB are left')}`,
      set('max * 2'),
    ].join('; '),
  ],
  ...setting,
});

/** Halves a bound again, where the connections of now have room behind it and it stays a usual one. */
export const bashConnectionsHalve = defineCommand({
  id: 'bash-connections-halve',
  argv: [
    'bash',
    '-c',
    [
      ...limits,
      `(( max / 2 >= ${leastLimit} && count * 100 < max / 2 * ${fullPercent} )) || ` +
        refused('$count connections are tracked: they would have no room'),
      set('max / 2'),
    ].join('; '),
  ],
  ...setting,
});
