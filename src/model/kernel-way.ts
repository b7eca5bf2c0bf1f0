import type { Evidence, UnavailableCode } from './evidence.ts';

/**
 * Which packet of the flow a node was asked about.
 * - `source-egress`, `source-outer`: the asked packet, and the tunnel packet that carries it, as they leave the
 *   source's node.
 * - `target-ingress`, `reply-source-ingress`: the asked packet and its reply, as they come in on the other node; once
 *   for each interface by which they may come.
 * - `target-own`: a packet of the target's node itself to the pod.
 * - `reply-target-egress`, `reply-target-outer`: the reply, and the tunnel packet that carries it.
 * - `same-node`, `reply-same-node`: both on the one node that the flow has.
 * - `source-gateway`, `target-gateway`: what a pod sends to its gateway 169.254.1.1.
 */
export type WayOf =
  | 'source-egress'
  | 'source-outer'
  | 'target-ingress'
  | 'target-own'
  | 'reply-target-egress'
  | 'reply-target-outer'
  | 'reply-source-ingress'
  | 'same-node'
  | 'reply-same-node'
  | 'source-gateway'
  | 'target-gateway';

/** What `ip route get` is asked. */
export interface WayQuestion {
  readonly of: WayOf;
  readonly destination: string;
  /** null: the node sends it itself, and the kernel chooses the address. */
  readonly source: string | null;
  /** By which it enters the node; null: the node sends it itself. */
  readonly inInterface: string | null;
}

/** The way of one packet on one node, by the kernel's own word. */
export interface KernelWay extends WayQuestion {
  readonly node: string;
  /** Of the packet where the kernel chooses a route: what the packet filter set before. */
  readonly mark: number;
  readonly answer: WayAnswer;
  /** Why the kernel may choose otherwise for the real packet; null: it does not. Without a full stop. */
  readonly doubt: string | null;
  readonly evidence: readonly Evidence[];
}

export type WayAnswer =
  | KernelRoute
  /** The kernel has no way for the packet, and drops it. */
  | { readonly kind: 'refused'; readonly error: RouteError; readonly words: string }
  | { readonly kind: 'unavailable'; readonly code: UnavailableCode; readonly reason: string };

export interface KernelRoute {
  readonly kind: 'route';
  /** `local`: the node itself is the receiver. */
  readonly type: 'unicast' | 'local' | 'broadcast' | 'multicast' | 'anycast';
  readonly device: string;
  readonly gateway: string | null;
  /** `main` where the kernel does not say another. */
  readonly table: string;
  /** The address that the kernel gives to a packet of the node itself. */
  readonly preferredSource: string | null;
}

/**
 * Why the kernel has none, by its error.
 * - `no-route-to-host` (EHOSTUNREACH): forwarding is off where it enters, or an unreachable route for the node's own
 *   packet.
 * - `network-unreachable` (ENETUNREACH): no route, or an unreachable one.
 * - `invalid-argument` (EINVAL): a blackhole, or the reverse path filter; older kernels say `cross-device` (EXDEV)
 *   for the latter.
 * - `permission-denied` (EACCES): a prohibit route or rule.
 */
export type RouteError =
  | 'no-route-to-host'
  | 'network-unreachable'
  | 'invalid-argument'
  | 'cross-device'
  | 'permission-denied'
  | 'other';

/** The way of the packet that enters by this interface; null: nobody asked for it. */
export function wayOf(
  ways: readonly KernelWay[],
  wanted: Pick<WayQuestion, 'of'> & Partial<WayQuestion>,
): KernelWay | null {
  return (
    ways.find(
      ({ of, destination, source, inInterface }) =>
        of === wanted.of &&
        (wanted.inInterface === undefined || inInterface === wanted.inInterface) &&
        (wanted.destination === undefined || destination === wanted.destination) &&
        (wanted.source === undefined || source === wanted.source),
    ) ?? null
  );
}

/**
 * The one interface by which a node's kernel sends to the address, whatever packet it was asked about; null: by none,
 * the node itself is the receiver. Undefined: it was not asked, has no way, or says several.
 */
export function askedDevice(ways: readonly KernelWay[], address: string): string | null | undefined {
  const devices = new Set(
    ways.flatMap(({ destination, answer }) =>
      destination === address && answer.kind === 'route' ? [answer.type === 'unicast' ? answer.device : null] : [],
    ),
  );
  return devices.size === 1 ? [...devices][0] : undefined;
}
