/** What nodes of sound clusters may have, as their owners put it there. Each is taken back exactly. */
import type { Dataplane } from './topology.ts';

export interface OddInput {
  readonly title: string;
  /** Shell lines, as root on the node. `$IPT` is iptables of the lab's backend. */
  readonly add: readonly string[];
  readonly remove: readonly string[];
  /** Not given: on the pod's node and on the source's. */
  readonly nodes?: readonly string[];
}

/** Takes a program off a node: what is mounted there cannot be run. */
const without = (title: string, ...programs: readonly string[]): OddInput => ({
  title,
  add: programs.flatMap((program) => [
    `readlink -f "$(command -v ${program})" >/run/without-${program}`,
    `mount --bind /dev/null "$(cat /run/without-${program})"`,
  ]),
  remove: programs.map((program) => `umount "$(cat /run/without-${program})" && rm /run/without-${program}`),
});

const foreign = 20_000;
const withoutSeenMark =
  '-i cali+ -m comment --comment "cali:NnQ109Z-tVFkJGc1" -m comment --comment "From workload without BPF seen mark" ' +
  '-m mark ! --mark 0x1000000/0x1000000 -j DROP';

export const oddInputs = (dataplane: Dataplane): readonly OddInput[] => [
  {
    title: "Docker's and firewalld's tables, which let the flow pass",
    add: [
      '$IPT -N DOCKER-USER',
      '$IPT -A DOCKER-USER -j RETURN',
      '$IPT -N DOCKER-ISOLATION-STAGE-1',
      '$IPT -A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DROP',
      '$IPT -A DOCKER-ISOLATION-STAGE-1 -j RETURN',
      '$IPT -I FORWARD 1 -j DOCKER-USER',
      '$IPT -I FORWARD 2 -j DOCKER-ISOLATION-STAGE-1',
      `nft 'table inet firewalld {
        chain filter_FORWARD { type filter hook forward priority 10; policy accept;
          ct state { established, related } accept; ct status dnat accept; iifname "lo" accept;
          jump filter_FORWARD_POLICIES; }
        chain filter_FORWARD_POLICIES { iifname "docker0" jump filter_FWD_docker; accept; }
        chain filter_FWD_docker { reject with icmpx type admin-prohibited; }; }'`,
    ],
    remove: [
      'nft delete table inet firewalld',
      '$IPT -D FORWARD -j DOCKER-ISOLATION-STAGE-1',
      '$IPT -D FORWARD -j DOCKER-USER',
      '$IPT -F DOCKER-ISOLATION-STAGE-1',
      '$IPT -X DOCKER-ISOLATION-STAGE-1',
      '$IPT -F DOCKER-USER',
      '$IPT -X DOCKER-USER',
    ],
  },
  {
    title: "a VPN's table of routes, which leaves the cluster out",
    add: [
      'ip link add tailscale0 type veth peer name tspeer0',
      'ip link set tailscale0 up',
      'ip link set tspeer0 up',
      'ip route add default dev tailscale0 table 52',
      'ip route add throw 10.250.0.0/24 table 52',
      'ip route add throw 10.244.0.0/16 table 52',
      'ip rule add pref 5270 lookup 52',
    ],
    remove: ['ip rule del pref 5270', 'ip route flush table 52', 'ip link del tailscale0'],
  },
  {
    title: 'a native rule that iptables cannot print',
    add: [
      ...(dataplane === 'legacy' ? ['nft add table ip filter'] : []),
      "nft 'add chain ip filter ts-forward'",
      `nft 'add rule ip filter ts-forward iifname "tailscale0*" counter ` +
        `meta mark set meta mark & 0xff00ffff | 0x00040000'`,
    ],
    remove: [
      "nft 'flush chain ip filter ts-forward'",
      "nft 'delete chain ip filter ts-forward'",
      ...(dataplane === 'legacy' ? ['nft delete table ip filter'] : []),
    ],
  },
  without('no tcpdump', 'tcpdump'),
  without('no ipset', 'ipset'),
  {
    title: 'calicoctl without its configuration',
    add: ['mv /etc/calico/calicoctl.cfg /etc/calico/calicoctl.cfg.away'],
    remove: ['mv /etc/calico/calicoctl.cfg.away /etc/calico/calicoctl.cfg'],
  },
  {
    title: "a rule of Felix's eBPF mode, left behind Calico's accept",
    add: [`$IPT -A FORWARD ${withoutSeenMark}`],
    // A live Felix takes it out itself, sooner or later.
    remove: [`$IPT -D FORWARD ${withoutSeenMark} || ! $IPT -S FORWARD | grep -q 'BPF seen mark'`],
  },
  {
    title: 'a second default route',
    add: ['ip route add default via 10.250.0.13 dev eth0 metric 500'],
    remove: ['ip route del default via 10.250.0.13 dev eth0 metric 500'],
  },
  {
    title: "FORWARD ends in a drop, behind Calico's accept",
    add: ['$IPT -P FORWARD DROP'],
    remove: ['$IPT -P FORWARD ACCEPT'],
  },
  {
    title: `${foreign} rules of others, none of which matches`,
    add: [
      `{ echo '*filter'; echo ':FOREIGN - [0:0]'; for n in $(seq ${foreign}); do ` +
        'echo "-A FOREIGN -s 198.51.100.$((n % 250 + 1))/32 -p tcp --dport $((n + 1000)) -j DROP"; done; ' +
        "echo '-I FORWARD 1 -j FOREIGN'; echo COMMIT; } | $IPT-restore --noflush",
    ],
    remove: ['$IPT -D FORWARD -j FOREIGN', '$IPT -F FOREIGN', '$IPT -X FOREIGN'],
  },
];
