import type { Route } from './network.ts';

/** One line of `ip rule`: which packets it takes, and where it sends them. null: it does not ask for this. */
export interface RoutingRule {
  readonly priority: number;
  /** As `ip rule` prints it, without the priority. */
  readonly text: string;
  /** It takes the packets that do not match. */
  readonly not: boolean;
  /** An address or a network. */
  readonly from: string | null;
  readonly to: string | null;
  readonly mark: { readonly value: number; readonly mask: number } | null;
  readonly tos: number | null;
  readonly inInterface: string | null;
  readonly outInterface: string | null;
  /** Number of the IP protocol. */
  readonly protocol: number | null;
  readonly sourcePorts: NumberRange | null;
  readonly destinationPorts: NumberRange | null;
  readonly uids: NumberRange | null;
  /** The table's routes of this prefix length, or a shorter one, do not count. */
  readonly suppressedPrefix: number | null;
  readonly action: RoutingAction;
  /** Words that were not understood: whether such a rule takes a packet is not known. */
  readonly unread: readonly string[];
}
export type NumberRange = readonly [from: number, to: number];

export type RoutingAction =
  | { readonly kind: 'lookup'; readonly table: string }
  /** The table of the VRF of the packet's interface; a packet of no VRF goes on. */
  | { readonly kind: 'lookup-of-vrf' }
  /** Goes on at the rule of this priority. */
  | { readonly kind: 'goto'; readonly priority: number }
  | { readonly kind: 'nop' }
  /** Ends the packet. */
  | { readonly kind: 'blackhole' | 'unreachable' | 'prohibit' };

/** How a node chooses a route: its rules, in the order in which the kernel asks them, and every table. */
export interface RoutingPolicy {
  readonly rules: readonly RoutingRule[];
  /** By name or number, as rules name them; `local` too. `main` is the fact `routes`. */
  readonly tables: Readonly<Record<string, readonly Route[]>>;
}

/** Does a rule of the node read marks (which the packet filter may set), ports, or who sends? */
export function readsOf(rules: readonly RoutingRule[]): { readonly marks: boolean; readonly ports: boolean } {
  return {
    marks: rules.some(({ mark }) => mark !== null),
    ports: rules.some(
      ({ protocol, sourcePorts, destinationPorts }) =>
        protocol !== null || sourcePorts !== null || destinationPorts !== null,
    ),
  };
}
