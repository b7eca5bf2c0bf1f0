/** Links and routes of a node or of a pod's network namespace, as `ip -j` prints them. */
export interface Link {
  readonly name: string;
  readonly index: number;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly operState: string;
  /** IPv4 addresses of the interface, with prefix length. */
  readonly addresses: readonly { readonly address: string; readonly prefixLength: number }[];
  readonly kind: string | null;
  /** Name of the network namespace in which the peer of a veth lives, as the node knows it (link-netns). */
  readonly peerNamespace: string | null;
  readonly peerIndex: number | null;
  /** Addresses whose /32 leaves by it; not given: none does. */
  readonly hostRoutes?: readonly string[];
}

export interface Route {
  /** `default` is 0.0.0.0/0; a bare address is a /32. */
  readonly destination: string;
  readonly type: 'unicast' | 'blackhole' | 'unreachable' | 'prohibit' | 'throw' | 'local' | 'broadcast' | 'multicast';
  readonly device: string | null;
  readonly gateway: string | null;
  readonly protocol: string | null;
  readonly metric: number;
  readonly flags: readonly string[];
  readonly nextHops: readonly { readonly gateway: string | null; readonly device: string | null }[];
}

/** How packets of pods travel between nodes: inside others, or (`none`) as they are. */
export type TunnelKind = 'ipip' | 'vxlan' | 'none';

/** A TCP socket that listens, as `ss -Hltn` prints it. */
export interface ListeningSocket {
  /** Without brackets: `*` or `0.0.0.0` for every address, `::` for every IPv6 one (of old versions also of both kinds). */
  readonly address: string;
  /** The one interface that it is bound to; null: all. */
  readonly device: string | null;
  readonly port: number;
  /** Connections that wait to be accepted (Recv-Q), and how many may (Send-Q). The kernel drops new ones while more wait than may. */
  readonly queued: number;
  readonly backlog: number;
}
