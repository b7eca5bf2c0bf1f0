/**
 * Lists what can lose a packet in each part of the way, and which facts cover it. A new check is one line here, or a
 * fact added to a line. If no fact covers a line, the verdict says "not checked", with the command for a person.
 */
import type { ClusterFacts, NodeFacts } from '../model/facts.ts';
import type { Leg } from '../model/flow-walk.ts';
import type { WayOf } from '../model/kernel-way.ts';
import type { Area, Direction } from '../model/passage.ts';

/** The place of a node's fact: `here` is the node of this part of the way. */
type LookFact = keyof ClusterFacts | `${keyof NodeFacts}@here`;

export interface WayLook {
  readonly what: string;
  readonly in: readonly Area[];
  /** Checked if all of them were observed. Empty: no such check exists yet. */
  readonly facts: readonly LookFact[];
  /** Not checked as long as there is one of these: programs that get packets before a capture does. */
  readonly suspects?: 'xdp';
  /** Packets of IPv6 do not need it. */
  readonly ofIpv4Alone?: true;
  /**
   * How a person checks it on the node, for IPv4. `{from}` and `{to}` are the packet's addresses there, `{in}` and
   * `{out}` its network interfaces, `{card}` the node's own one, `{peer}` the other node's address, `{iif}` is
   * ` iif IN` where it enters by one, `{netns}` the pod's network namespace.
   */
  readonly command: string;
}

const nodes: readonly Area[] = ['source-node', 'target-node'];
const pods: readonly Area[] = ['source-pod', 'target-pod'];

export const wayLooks: readonly WayLook[] = [
  {
    what: 'packet filter of iptables and nftables',
    in: nodes,
    facts: ['rulesets@here', 'walks'],
    command: 'iptables-save -c; nft list ruleset',
  },
  {
    what: "the kernel's jumps into Calico's chains",
    in: nodes,
    facts: ['calico-hooks'],
    command: "iptables-save | grep -e '-j cali-'; nft list table ip calico",
  },
  {
    what: "Calico's dataplane",
    in: nodes,
    facts: ['dataplanes'],
    command: 'calico-node -bpf counters dump   # in the container calico-node of the node',
  },
  { what: 'network interfaces', in: nodes, facts: ['links@here'], command: 'ip -s link show dev {out}' },
  { what: 'routes of the main table', in: nodes, facts: ['routes@here'], command: 'ip route get {to}' },
  {
    what: 'routing rules and other routing tables',
    in: nodes,
    facts: ['routing@here', 'kernel-ways', 'judged-ways'],
    command: 'ip route get {to} from {from}{iif}; ip rule',
  },
  {
    what: 'forwarding and reverse-path settings',
    in: nodes,
    facts: ['interface-settings@here', 'kernel-ways'],
    command: 'sysctl net/ipv4/conf/{in}/forwarding net/ipv4/conf/{in}/rp_filter net/ipv4/conf/all/rp_filter',
  },
  { what: 'neighbour entries of pods', in: nodes, facts: ['pod-neighbours'], command: 'ip neigh show dev {out}' },
  {
    what: 'neighbour and forwarding entries of the tunnel',
    in: nodes,
    facts: ['tunnel-neighbours'],
    command: 'ip neigh show dev {out}; bridge fdb show dev {out}',
  },
  { what: 'neighbour entries of other nodes', in: nodes, facts: ['node-neighbours'], command: 'ip neigh show' },
  {
    what: 'queues and filters of tc',
    in: nodes,
    facts: ['queue-counts'],
    command: 'tc -s qdisc show dev {out}; tc -s filter show dev {in} ingress; tc -s filter show dev {out} egress',
  },
  // tc does not show the programs that newer kernels attach without it.
  {
    what: 'eBPF programs of network interfaces (XDP, TCX)',
    in: nodes,
    facts: [],
    suspects: 'xdp',
    command: 'ip -d link show dev {in}; bpftool net show',
  },
  {
    what: 'XDP programs of network interfaces',
    in: ['underlay'],
    facts: ['links@here'],
    suspects: 'xdp',
    command: 'ip -d link show dev {card}; bpftool net show',
  },
  {
    what: "XDP programs of the pod's interface",
    in: pods,
    facts: ['links@here'],
    suspects: 'xdp',
    command: 'ip -d link show dev {interface}; bpftool net show',
  },
  { what: 'IPsec policies of the kernel', in: nodes, facts: [], command: 'ip -s xfrm policy; ip -s xfrm state' },
  {
    what: 'the table of tracked connections',
    in: nodes,
    facts: ['counter-readings'],
    command: 'conntrack -C; conntrack -S',
  },
  {
    what: 'captures on the network interfaces of both nodes',
    in: ['underlay'],
    facts: ['path-capture'],
    command: 'tcpdump -p -ni {card} host {peer}',
  },
  {
    what: 'packets of full size between the nodes',
    in: ['underlay'],
    facts: ['path-sizes'],
    command: 'ping -M do -c 3 -s 1372 {peer}',
  },
  {
    what: 'answers of the nodes to each other',
    in: ['underlay'],
    facts: ['node-answers'],
    command: 'ip neigh show {peer}; ping -c 3 {peer}   # and on {peer}: sysctl net.ipv4.conf.all.arp_ignore',
  },
  {
    what: 'firewalls and routers between the nodes',
    in: ['underlay'],
    facts: [],
    command: 'tcpdump -p -ni {card} host {peer}   # the same on each router between the nodes',
  },
  { what: 'listening sockets', in: ['target-pod'], facts: ['listeners'], command: 'ip netns exec {netns} ss -ltn' },
  ...(['source-pod', 'target-pod'] as const).flatMap((pod): readonly WayLook[] => {
    const own = pod === 'target-pod' ? ('pod-rulesets' as const) : ('source-pod-rulesets' as const);
    const facts = [pod === 'target-pod' ? ('pod-network' as const) : ('source-pod-network' as const)];
    return [
      { what: "the pod's own interface and routes", in: [pod], facts, command: 'ip netns exec {netns} ip route' },
      { what: "the pod's own neighbour entries", in: [pod], facts, command: 'ip netns exec {netns} ip neigh' },
      {
        what: "the pod's own queues",
        in: [pod],
        facts: [...facts, 'queue-counts'],
        command: 'ip netns exec {netns} tc -s qdisc show',
      },
      {
        what: "the pod's own packet filter",
        in: [pod],
        facts: [own, 'pod-walks'],
        command: 'ip netns exec {netns} iptables-save -c; ip netns exec {netns} nft list ruleset',
      },
    ];
  }),
  {
    what: "the node's answer to ARP for the pod's gateway",
    in: pods,
    ofIpv4Alone: true,
    facts: ['interface-settings@here', 'kernel-ways'],
    command: 'sysctl net/ipv4/conf/{interface}/proxy_arp; ip route get 169.254.1.1',
  },
];

/** The walks that cover a part of the way. A walk with an uncertain end leaves it unchecked. */
export const legsOn: Readonly<Record<Direction, Partial<Readonly<Record<Area, readonly Leg[]>>>>> = {
  request: {
    'source-node': ['source-egress', 'source-outer'],
    'target-node': ['target-outer', 'target-ingress', 'same-node'],
  },
  reply: {
    'source-node': ['reply-source-outer', 'reply-source-ingress'],
    'target-node': ['reply-target-egress', 'reply-target-outer', 'reply-same-node'],
  },
};

/** The questions to the kernels that cover a part of the way, in the same manner. */
export const waysOn: Readonly<Record<Direction, Partial<Readonly<Record<Area, readonly WayOf[]>>>>> = {
  request: {
    'source-pod': ['source-gateway'],
    'source-node': ['source-egress'],
    'target-node': ['target-ingress', 'same-node'],
    'target-pod': ['target-gateway'],
  },
  reply: {
    'source-pod': ['source-gateway'],
    'source-node': ['reply-source-ingress'],
    'target-node': ['reply-target-egress', 'reply-same-node'],
    'target-pod': ['target-gateway'],
  },
};
