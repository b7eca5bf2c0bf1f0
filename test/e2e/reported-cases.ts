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
  /** A fault of the catalogue that is broken beside it. */
  readonly beside?: string;
}

const pod = '10.244.1.5';

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

const bridge: Pick<ReportedCase, 'add' | 'remove'> = {
  add: [['node-b', 'ip link add docker0 type bridge; ip addr add 10.244.1.1/27 dev docker0; ip link set docker0 up']],
  remove: [['node-b', 'ip link del docker0']],
};

export const reportedCases = (dataplane: Dataplane): readonly ReportedCase[] => [
  { title: "a VPN's routing rule takes what its table does not throw back", ...vpn, roots: ['routing-rule-diverts'] },
  {
    title: "a rule prohibits the pod's answers",
    add: [['node-a', `ip route add prohibit default table 77; ip rule add pref 200 from ${pod} lookup 77`]],
    remove: [['node-a', 'ip rule del pref 200; ip route flush table 77']],
    roots: ['routing-rule-diverts'],
    names: /200/,
  },
  {
    title: "the node has the pod's address itself",
    // On a device that Felix leaves alone: it takes a second address off tunl0 itself.
    add: [['node-a', `ip addr add ${pod}/32 dev lo`]],
    remove: [['node-a', `ip addr del ${pod}/32 dev lo`]],
    roots: ['pod-address-duplicated'],
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
  },
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
