/** The conditions of a rule. Plain and safe to print as JSON. */

export type Side = 'source' | 'destination';

interface MatchCommon {
  /** The option as it was written. */
  readonly text: string;
  readonly negated: boolean;
}

export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** A range of addresses, both ends included; a network is a range. */
export interface AddressRange {
  readonly from: string;
  readonly to: string;
}

export type SetDirection = 'src' | 'dst';

/** One condition of a rule. `unknown` is a condition that a save cannot decide, or that is not understood. */
export type Match =
  | (MatchCommon & { readonly kind: 'protocol'; readonly protocols: readonly number[] })
  | (MatchCommon & { readonly kind: 'address'; readonly side: Side; readonly ranges: readonly AddressRange[] })
  | (MatchCommon & {
      readonly kind: 'masked-address';
      readonly side: Side;
      readonly address: string;
      readonly mask: string;
    })
  | (MatchCommon & { readonly kind: 'interface'; readonly side: 'in' | 'out'; readonly names: readonly string[] })
  | (MatchCommon & { readonly kind: 'port'; readonly side: Side | 'either'; readonly ranges: readonly PortRange[] })
  | (MatchCommon & { readonly kind: 'icmp'; readonly types: PortRange; readonly codes: PortRange })
  | (MatchCommon & { readonly kind: 'tcp-flags'; readonly mask: readonly string[]; readonly set: readonly string[] })
  | (MatchCommon & { readonly kind: 'ct-state' | 'ct-status'; readonly states: readonly string[] })
  | (MatchCommon & { readonly kind: 'mark' | 'connmark'; readonly value: number; readonly mask: number })
  | (MatchCommon & { readonly kind: 'set'; readonly set: string; readonly directions: readonly SetDirection[] })
  | (MatchCommon & {
      readonly kind: 'address-type';
      readonly side: Side;
      readonly types: readonly string[];
      readonly limitInterface: 'in' | 'out' | null;
    })
  | (MatchCommon & { readonly kind: 'reverse-path' })
  | (MatchCommon & { readonly kind: 'length' | 'ttl'; readonly ranges: readonly PortRange[] })
  | (MatchCommon & { readonly kind: 'fragment' })
  | (MatchCommon & { readonly kind: 'constant'; readonly value: boolean })
  | (MatchCommon & { readonly kind: 'unknown'; readonly why: string });
