import type { KernelWay, WayOf } from './kernel-way.ts';
import type { Route } from './network.ts';
import type { RoutingRule } from './routing-policy.ts';

/**
 * Where the kernel leads a packet of the flow.
 * - `right`: to the pod's own interface, to the other node, or by the network interface that the main table names.
 * - `own-address`: to the node itself, which has the pod's address too.
 * - `diverted`: a routing rule decides, or none leads to the main table. By that table alone it would be right.
 * - `wrong-device`: the pod's own route in the main table names another interface than the pod's.
 * - `overlapped`: a route of another network covers the pod's address, and wins over Calico's own.
 * - `missing`: the main table has no route of Calico's for it.
 * - `elsewhere`: by a way of which nothing says whether it is right.
 * - `refused`: the kernel has no way, and neither rules nor tables explain why (forwarding, the reverse path filter).
 * - `unknown`: the kernel was not asked, or its answer may not be that for the real packet.
 */
export type WayClass =
  | 'right'
  | 'own-address'
  | 'diverted'
  | 'wrong-device'
  | 'overlapped'
  | 'missing'
  | 'elsewhere'
  | 'refused'
  | 'unknown';

/**
 * Who receives the packet. `pod`: a pod of this node; `peer`: a pod of the other node, or a node by the address of its
 * tunnel device; `node`: the other node itself; `any`: it is not a pod, and any route that leads on may be right.
 */
export type WayRole = 'pod' | 'peer' | 'node' | 'any';

/** The way of one packet of the flow on a node, judged. */
export interface JudgedWay {
  readonly class: WayClass;
  readonly way: KernelWay;
  readonly role: WayRole;
  /** To whom it must lead, for people: `default/mypod`, or the other node where the packet is a tunnel's. */
  readonly to: string;
  /** The node of the receiver; null outside. */
  readonly toNode: string | null;
  /** Where the kernel has a way: by which interface; null: none, or the node itself. */
  readonly device: string | null;
  /** By which it should leave: the pod's own, or that of `expected`; null: not known. */
  readonly rightDevice: string | null;
  /** The rule that decides, where it is not one of the kernel's own. null with `diverted`: none is known. */
  readonly rule: RoutingRule | null;
  /** The table in which the kernel found the route; null: in none. */
  readonly table: string | null;
  /** The route that takes the packet. */
  readonly taken: Route | null;
  /** The route of the main table that would be right. */
  readonly expected: Route | null;
  /** For `refused` and `unknown`: why. Without a full stop. */
  readonly why: string | null;
}

export interface JudgedWays {
  readonly ways: readonly JudgedWay[];
  /** Packets of the flow of which the kernel was not asked. */
  readonly unasked: readonly WayOf[];
}
