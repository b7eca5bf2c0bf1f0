/**
 * Calico's own dumps of its eBPF maps. The program is in the container of calico-node alone, so it runs in that
 * container's mount namespace, on the node's own network.
 */
import { defineCommand } from '../model/command.ts';
import { ownProcesses, statusOf } from './lib/own-processes.ts';

/** Where Felix pins its maps. A dump makes this folder where it is not there: so it runs only where it is. */
const maps = '/sys/fs/bpf/tc/globals';

/**
 * Only what is as privileged as the helper itself is entered: what runs there then can do no more than before. The last
 * versions of Calico have one program for everything, which is also the short-lived CNI plugin.
 */
const findCalicoNode = ownProcesses(
  ['calico-node', 'calico'],
  [
    '[[ $p/ns/user -ef /proc/self/ns/user ]] || continue',
    'theirs=$(privileges $p)',
    '[[ -n $theirs ]] && (( (0x$theirs & 0x$mine) == 0x$mine )) || continue',
    // Without what the kernel says behind the path of an executable that was replaced: it would be an argument.
    'read -r tool _ < <(readlink $p/exe)',
    'case "$tool $args " in */calico-node" "*) verb=-bpf ;; ' +
      '*" component node "*|*" component felix "*) verb="component node bpf" ;; *) continue ;; esac',
    'held=$id',
    'break',
  ],
);

/** A script takes no name: the interface is known by its number. */
const findDevice = [
  'for d in /sys/class/net/*; do [[ $(<$d/ifindex) != $((16#{index:hex})) ]] || device=$(basename $d); done',
  '[[ -n $device ]] || { echo "no such network interface" >&2; exit 3; }',
];
const enter = [
  'type find stat readlink head tr nsenter timeout >/dev/null || exit 127',
  '[[ -r /proc/self/status ]] || exit 1',
  `privileges() { while read -r key value; do [[ $key != CapEff: ]] || echo $value; done < <(${statusOf('$1')}); }`,
  'mine=$(privileges /proc/self)',
  'held=',
  ...findCalicoNode,
  '[[ -n $held ]] || { echo "no privileged process of calico-node runs on the node" >&2; exit 3; }',
  `[[ -d $p/root${maps} ]] || { echo "calico-node has no ${maps}" >&2; exit 3; }`,
  'exec 8<$p/ns/mnt || exit 3',
  'inside() { timeout 3 nsenter --mount=/proc/self/fd/8 -- "$@" 2>&1; }',
  'show() { echo "# $1"; shift; inside "$@"; echo "# end $?"; }',
];
const counts = [
  'show policy $tool $verb policy dump "$device" all',
  'show counters $tool $verb counters dump "--iface=$device"',
];

/** What a burst changes: rules with their counts, and drops by reason. */
export const bashEbpfCounts = defineCommand({
  id: 'bash-ebpf-counts',
  argv: ['bash', '-c', [...findDevice, ...enter, ...counts].join('; ')],
  timeoutSeconds: 8,
  maxBytes: 2_000_000,
});

/**
 * All of one interface, under headings: programs that are attached on the node, the maps, states of interfaces, routes,
 * kube-proxy's processes, policies and counters. An error is printed in its section, with whatever exit status.
 */
export const bashEbpfInterface = defineCommand({
  id: 'bash-ebpf-interface',
  argv: [
    'bash',
    '-c',
    [
      ...findDevice,
      ...enter,
      'show attached bpftool net show',
      `show maps ls ${maps}`,
      'show states $tool $verb ifstate dump',
      'show routes $tool $verb routes dump',
      'echo "# proxies"',
      ...ownProcesses(['kube-proxy'], ['echo $id']),
      'echo "# end 0"',
      ...counts,
    ].join('; '),
  ],
  timeoutSeconds: 10,
  maxBytes: 8_000_000,
});

/** Addresses of Services with where their packets go, of the whole node. */
export const bashEbpfServices = defineCommand({
  id: 'bash-ebpf-services',
  argv: ['bash', '-c', [...enter, 'show services $tool $verb nat dump'].join('; ')],
  timeoutSeconds: 8,
  maxBytes: 8_000_000,
});

/** An IPv4 address from its number: a script takes no name. */
const spellAddress = 'spell() { echo $(($1 >> 24)).$(($1 >> 16 & 255)).$(($1 >> 8 & 255)).$(($1 & 255)); }';
/** The lines of a log pass: they have the errors. */
const linesWith = (text: string) => `grep -F -e "time=\\"" -e "${text}"`;

/** Connections of one client towards one address, as the programs track them. The dump reads the whole table. */
export const bashEbpfConnections = defineCommand({
  id: 'bash-ebpf-connections',
  argv: [
    'bash',
    '-c',
    [
      'type grep >/dev/null || exit 127',
      ...enter,
      spellAddress,
      'from=$(spell $((16#{source:hex})))',
      'to=$(spell $((16#{destination:hex})))',
      'echo "# connections"',
      `inside $tool $verb conntrack dump | ${linesWith(' $from:')} | ${linesWith('> $to:')}`,
      // Of the dump: the first of the statuses.
      'echo "# end $PIPESTATUS"',
    ].join('; '),
  ],
  timeoutSeconds: 8,
  maxBytes: 1_000_000,
});
