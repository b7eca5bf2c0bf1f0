/** Faults that people have met and reported, as shell lines; each is taken back exactly. */
import type { Dataplane } from '../../tools/lab/topology.ts';

type Place = 'node-a' | 'node-b' | 'underlay' | 'pod';

export interface ReportedCase {
  readonly title: string;
  /** Shell lines as root, in order; `$IPT` is iptables of the lab's backend. */
  readonly add: readonly (readonly [Place, string])[];
  readonly remove: readonly (readonly [Place, string])[];
  readonly roots: readonly string[];
  readonly consequences?: readonly string[];
  /** What the title of the first cause must name. */
  readonly names?: RegExp;
  /** Only this port is in its way: a question without one is not asked. */
  readonly onlyThePort?: true;
  /** A fault of the catalogue that is broken first, with its parameters. */
  readonly beside?: string;
  /** A NetworkPolicy that is in force on the pod's node meanwhile. */
  readonly policy?: typeof oneWay;
  /** What begins the headline; not given: that the pod is unreachable. */
  readonly headline?: RegExp;
  /** Instead of the usual question. */
  readonly asks?: readonly string[];
}

const pod = '10.244.1.5';
const question = ['default/mypod', '--from', 'pod:default/client'];

/** A node that drops what the pod sends does not answer for its gateway either: the pod must ask again to find out. */
const forgetGateway = ['pod', 'ip neigh flush dev eth0'] as const;

/** Reported cases that are faults of the catalogue, and what they must lead to. */
const ofCatalogue = {
  'pod-route-wrong': { roots: ['pod-route-wrong'], consequences: ['calico-guard-drops'] },
  'calico-hooks-missing': { roots: ['calico-hooks-missing'], consequences: [] },
  'node-address-misdetected': { roots: ['node-address-misdetected'], consequences: ['tunnel-source-refused'] },
};

/** Everybody may come in to the pod, and nothing goes out. */
const oneWay = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'one-way', namespace: 'default' },
  spec: { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress', 'Egress'], ingress: [{}], egress: [] },
};

const nativeDrop = (dataplane: Dataplane): Pick<ReportedCase, 'add' | 'remove' | 'onlyThePort'> => ({
  add: [
    ['node-a', 'nft add table ip filter'],
    ['node-a', "nft 'add chain ip filter hostfw { type filter hook forward priority -5; }'"],
    ['node-a', "nft 'add rule ip filter hostfw tcp dport 8080 counter drop'"],
  ],
  remove: [
    ['node-a', "nft 'flush chain ip filter hostfw'; nft 'delete chain ip filter hostfw'"],
    ...(dataplane === 'legacy' ? ([['node-a', 'nft delete table ip filter']] as const) : []),
  ],
  onlyThePort: true,
});

const vpn: Pick<ReportedCase, 'add' | 'remove' | 'names'> = {
  add: [
    ['node-a', 'ip link add tailscale0 type veth peer name tspeer0'],
    ['node-a', 'ip link set tailscale0 up; ip link set tspeer0 up'],
    ['node-a', 'ip route add default dev tailscale0 table 52; ip route add throw 10.250.0.0/24 table 52'],
    ['node-a', 'ip rule add pref 5270 lookup 52'],
  ],
  remove: [['node-a', 'ip rule del pref 5270; ip route flush table 52; ip link del tailscale0']],
  names: /node-a/,
};

/** Requests and their answers are hidden from connection tracking. */
const untracked: Pick<ReportedCase, 'add' | 'remove' | 'onlyThePort'> = {
  add: [['node-a', 'for end in dport sport; do $IPT -t raw -A PREROUTING -p tcp --$end 8080 -j NOTRACK; done']],
  remove: [['node-a', 'for end in dport sport; do $IPT -t raw -D PREROUTING -p tcp --$end 8080 -j NOTRACK; done']],
  onlyThePort: true,
};

const smallOnly = /^REACHABLE by small packets only, /;

const sizeLimit: Pick<ReportedCase, 'add' | 'remove' | 'headline'> = {
  add: [
    [
      'underlay',
      `nft 'table bridge sizes { chain way { type filter hook forward priority 0;
        ip saddr 10.250.0.0/24 ip daddr { 10.250.0.11, 10.250.0.12, 10.250.0.13 } meta length gt 1400 drop; }; }'`,
    ],
  ],
  remove: [['underlay', 'nft delete table bridge sizes']],
  headline: smallOnly,
};

const bridge: Pick<ReportedCase, 'add' | 'remove'> = {
  add: [['node-b', 'ip link add docker0 type bridge; ip addr add 10.244.1.1/27 dev docker0; ip link set docker0 up']],
  remove: [['node-b', 'ip link del docker0']],
};

const noVxlan: Pick<ReportedCase, 'add' | 'remove'> = {
  add: [
    [
      'underlay',
      "nft 'table bridge no-vxlan { chain way { type filter hook forward priority 0; udp dport 4789 drop; }; }'",
    ],
  ],
  remove: [['underlay', 'nft delete table bridge no-vxlan']],
};

/** Between nodes whose packets travel in VXLAN. */
export const ofVxlan: readonly ReportedCase[] = [
  {
    title: 'the network between the nodes takes no VXLAN',
    ...noVxlan,
    roots: ['vxlan-lost-between-nodes'],
    names: /node-b do not reach node-a/,
  },
  {
    title: 'Felix counts VXLAN packets as from a host that is none of the cluster',
    add: [],
    remove: [],
    beside: 'tunnel-hosts-outdated felix=live',
    roots: ['tunnel-source-refused'],
    names: /3 of 3 test packets .* ended there/,
  },
  {
    title: 'the network loses large packets, VXLAN and all',
    ...sizeLimit,
    roots: ['path-mtu-too-small'],
    names: /1400 bytes/,
  },
  {
    title: 'no VXLAN between the nodes, and a policy behind it',
    ...noVxlan,
    beside: 'policy-deny',
    roots: ['policy-denies-ingress', 'vxlan-lost-between-nodes'],
  },
];

export const reportedCases = (dataplane: Dataplane): readonly ReportedCase[] => [
  { title: "a VPN's routing rule takes what its table does not throw back", ...vpn, roots: ['routing-rule-diverts'] },
  {
    title: "a rule prohibits the pod's answers",
    add: [
      ['node-a', `ip route add prohibit default table 77; ip rule add pref 200 from ${pod} lookup 77`],
      forgetGateway,
    ],
    remove: [['node-a', 'ip rule del pref 200; ip route flush table 77'], forgetGateway],
    roots: ['routing-rule-diverts'],
    consequences: ['pod-gateway-silent'],
    names: /200/,
  },
  {
    title: "the node has the pod's address itself",
    // On a device that Felix leaves alone: it takes a second address off tunl0 itself.
    add: [['node-a', `ip addr add ${pod}/32 dev lo`], forgetGateway],
    remove: [['node-a', `ip addr del ${pod}/32 dev lo`], forgetGateway],
    roots: ['pod-address-duplicated'],
    consequences: ['pod-gateway-silent'],
  },
  {
    title: "a bridge on the client's node has a network inside the pool",
    ...bridge,
    roots: ['pool-overlaps-another-network'],
  },
  {
    title: 'a native chain in a table of iptables drops the port',
    ...nativeDrop(dataplane),
    roots: ['foreign-rule-drops'],
  },
  {
    title: 'a rule drops packets above a size, and small ones pass',
    add: [
      [
        'node-a',
        `nft 'table inet sizes { chain f { type filter hook forward priority 10;
          ip daddr ${pod} meta length > 1300 drop; }; }'`,
      ],
    ],
    remove: [['node-a', 'nft delete table inet sizes']],
    onlyThePort: true,
    roots: ['foreign-rule-drops'],
    names: /large packets/,
    headline: smallOnly,
  },
  {
    title: 'the pod lost its routes when its interface went down and up',
    add: [['pod', 'ip link set eth0 down; ip link set eth0 up']],
    remove: [['pod', 'ip route add 169.254.1.1 dev eth0 scope link; ip route add default via 169.254.1.1 dev eth0']],
    roots: ['pod-default-route-missing'],
  },
  {
    title: "the node has no default route, and does not answer for the pod's gateway",
    add: [
      ['node-a', 'ip route del default'],
      ['pod', 'ip neigh flush dev eth0'],
    ],
    remove: [
      ['node-a', 'ip route add default via 10.250.0.1'],
      ['pod', 'ip neigh flush dev eth0'],
    ],
    roots: ['pod-gateway-silent'],
  },
  { title: 'the network loses large packets', ...sizeLimit, roots: ['path-mtu-too-small'], names: /1400 bytes/ },
  {
    title: 'a flow that is not tracked, of a pod whose policy lets nothing out',
    ...untracked,
    policy: oneWay,
    roots: ['flow-not-tracked'],
  },
  {
    title: 'nothing listens on the asked port, but on another',
    add: [],
    remove: [],
    asks: [...question, '--port', '80/tcp'],
    roots: ['port-not-listening'],
    names: /80\/tcp, but on 8080\/tcp/,
  },
  {
    title: "a policy denies the client's node, which arrives with the address of its tunnel",
    add: [],
    remove: [],
    beside: 'policy-deny',
    asks: ['default/mypod', '--from', 'node:node-b', '--port', '8080/tcp'],
    roots: ['policy-denies-ingress'],
    names: /arrives from 10\.244\.2\.0, the tunnel address of node-b/,
  },
  ...Object.entries(ofCatalogue).map(([beside, { roots, consequences }]): ReportedCase => ({
    title: `the fault ${beside}`,
    add: [],
    remove: [],
    beside,
    roots,
    consequences,
  })),
  {
    title: 'a native chain behind the tunnel that loses the packets',
    ...nativeDrop(dataplane),
    beside: 'ipip-blocked',
    roots: ['foreign-rule-drops', 'ipip-lost-between-nodes'],
  },
  {
    title: "a VPN's routing rule behind the tunnel that loses the packets",
    ...vpn,
    beside: 'ipip-blocked',
    roots: ['ipip-lost-between-nodes', 'routing-rule-diverts'],
  },
  {
    title: 'a bridge inside the pool, and a policy behind it',
    ...bridge,
    beside: 'policy-deny',
    roots: ['policy-denies-ingress', 'pool-overlaps-another-network'],
  },
];
