/** Sets that rules ask for a packet. Plain and safe to print as JSON. */
import type { Family } from './places.ts';

/** One part of a set's element. */
export type SetPart =
  | { readonly kind: 'net'; readonly from: string; readonly to: string; readonly prefix: number | null }
  | { readonly kind: 'port'; readonly protocol: number | null; readonly from: number; readonly to: number }
  | { readonly kind: 'interface'; readonly name: string }
  | { readonly kind: 'mark'; readonly value: number; readonly mask: number }
  | { readonly kind: 'set'; readonly name: string }
  | { readonly kind: 'other'; readonly text: string };

export interface SetElement {
  readonly parts: readonly SetPart[];
  /** hash:net and its kin: a match of this element means "not a member". */
  readonly exception: boolean;
}

/** Its elements may be parsed when they are first asked for: a set is passed on, never spread into another object. */
export interface PacketSet {
  readonly name: string;
  /** `hash:ip,port` and so on; nftables: its type, `ipv4_addr . inet_service`. */
  readonly type: string;
  readonly family: 'ip' | 'ip6' | null;
  /** null for an ipset; the owning table for a native nftables set. */
  readonly table: { readonly family: Family; readonly name: string } | null;
  /** null: only the set's head was read (`ipset list -t`). */
  readonly elements: readonly SetElement[] | null;
  readonly size: number | null;
  /** Answers of `ipset test`, for sets too large to read. */
  readonly tested: readonly { readonly element: string; readonly member: boolean }[];
}
