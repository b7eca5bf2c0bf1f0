import type { WayAnswer } from './kernel-way.ts';

/** Links and routes of a node or of a pod's network namespace, as `ip -j` prints them. */
export interface Link {
  readonly name: string;
  readonly index: number;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly operState: string;
  /** Its Ethernet address; not given: it has none, or nobody printed it. */
  readonly linkAddress?: string;
  /** Addresses of the judged family, with prefix length; of IPv6 without link-local ones. */
  readonly addresses: readonly { readonly address: string; readonly prefixLength: number }[];
  readonly kind: string | null;
  /** Of a VXLAN device: the UDP port of its packets, and the number of its network. Not given: not printed. */
  readonly vxlan?: VxlanSettings;
  /** The table of the VRF that it is a part of, by number; null: which one is not known. Not given: it is in none. */
  readonly vrfTable?: string | null;
  /** The kind of its queue. Not given: nobody printed it. */
  readonly qdisc?: string;
  /** The XDP program that gets its packets, by name and id. Not given: none does. */
  readonly xdp?: { readonly name: string | null; readonly id: number };
  /** Name of the network namespace in which the peer of a veth lives, as the node knows it (link-netns). */
  readonly peerNamespace: string | null;
  readonly peerIndex: number | null;
  /** Addresses to which a route of their own (/32, /128) leaves by it; not given: none does. */
  readonly hostRoutes?: readonly string[];
}

export interface VxlanSettings {
  readonly port: number;
  readonly id: number;
}

export interface Route {
  /** `default` is 0.0.0.0/0 or ::/0; a bare address is a /32 or /128. */
  readonly destination: string;
  readonly type: 'unicast' | 'blackhole' | 'unreachable' | 'prohibit' | 'throw' | 'local' | 'broadcast' | 'multicast';
  readonly device: string | null;
  readonly gateway: string | null;
  readonly protocol: string | null;
  readonly metric: number;
  readonly flags: readonly string[];
  readonly nextHops: readonly { readonly gateway: string | null; readonly device: string | null }[];
}

/** A neighbour entry for the address of a pod or of a node, as `ip neigh` prints it. */
export interface NeighbourEntry {
  readonly node: string;
  readonly address: string;
  readonly device: string;
  /** null: the neighbour has not answered. */
  readonly linkAddress: string | null;
  /** As the kernel calls it: `REACHABLE`, `STALE`, `FAILED`, `INCOMPLETE`, … */
  readonly state: string;
}

/** How packets of pods travel between nodes: inside others, or (`none`) as they are. */
export type TunnelKind = 'ipip' | 'vxlan' | 'none';

/** A TCP socket that listens, as `ss -Hltn` prints it. */
export interface ListeningSocket {
  /**
   * Without brackets: `*` or `0.0.0.0` for every address, `::` for every IPv6 one (of old versions also of both kinds).
   */
  readonly address: string;
  /** The one interface that it is bound to; null: all. */
  readonly device: string | null;
  readonly port: number;
  /**
   * Connections that wait to be accepted (Recv-Q), and how many may (Send-Q). The kernel drops new ones while more wait
   * than may.
   */
  readonly queued: number;
  readonly backlog: number;
}

/** What the kernel is told of an IPv4 interface (net.ipv4.conf.NAME); null: that was not read. */
export interface InterfaceSetting {
  /** An interface; or `all`, or `default` for those to come. */
  readonly name: string;
  /** Packets that come in by it may go on. In `all`: what was last written to every interface at once. */
  readonly forwarding: boolean | null;
  /** Answers for addresses that the node would route. It counts where it is set here or in `all`. */
  readonly proxyArp: boolean | null;
  /** rp_filter: 0 none, 1 strict, 2 loose. The kernel takes the greater one of this and `all`. */
  readonly reversePath: number | null;
}

export interface InterfaceSettings {
  readonly interfaces: readonly InterfaceSetting[];
  /** Lines of sysctl files that set such keys when the node starts, or when somebody runs `sysctl --system`. */
  readonly saved: readonly { readonly file: string; readonly line: string }[];
}

/** The network of a pod, from its own namespace. */
export interface PodNetwork {
  /** The namespace as the pod's node names it. */
  readonly namespace: string;
  readonly links: readonly Link[];
  /** The node's end of its interface; not given: it has Calico's usual name. */
  readonly hostInterface?: string;
  /** The pod's end of its interface; null: it has none of that index. */
  readonly ownInterface: string | null;
  /** The main table, a line each, as `ip route` prints it. */
  readonly routes: readonly string[];
  /** To the other end of the flow, of what has the pod's own address as its source. */
  readonly way: WayAnswer;
  /** Its routing rules beside those of every kernel, as `ip rule` prints them. Absent: not read. */
  readonly rules?: readonly string[];
  readonly neighbours: readonly NeighbourEntry[];
  /** Tables of its own packet filters; `nft` null: nft is not there to say. */
  readonly filters: {
    readonly legacy: readonly string[];
    readonly nft: readonly { readonly family: string; readonly name: string }[] | null;
  };
}
