/** By which tunnel packets between pods of different nodes travel. */
import type { TunnelKind } from './network.ts';

export interface Encapsulation {
  /** Every pool, the disabled ones too: their addresses may be in use. */
  readonly pools: readonly PoolEncapsulation[];
  /** Between the two nodes of the flow; null: it has one node, or an end outside. */
  readonly pair: PairEncapsulation | null;
}

interface PoolEncapsulation {
  readonly name: string;
  readonly cidr: string;
  readonly mode: EncapsulationMode;
  readonly disabled: boolean;
}

/** CrossSubnet: encapsulated only between nodes of different subnets. */
export type EncapsulationMode = 'none' | 'ipip' | 'ipip-crosssubnet' | 'vxlan' | 'vxlan-crosssubnet';

export interface PairEncapsulation {
  /** Node of the source and node of the pod. */
  readonly source: string;
  readonly target: string;
  /** Of packets to the pod; null: no pool holds its address, or the sender's subnet is not known and decides. */
  readonly there: TunnelKind | null;
  /** Of packets back to the source. */
  readonly back: TunnelKind | null;
}

/** As people write them. */
export const modeWords: Readonly<Record<EncapsulationMode, string>> = {
  none: 'no encapsulation',
  ipip: 'IPIP',
  'ipip-crosssubnet': 'IPIP across subnets',
  vxlan: 'VXLAN',
  'vxlan-crosssubnet': 'VXLAN across subnets',
};

/** Returns how packets travel between the two nodes, in words; null: it is not known in one direction. */
export function pairWords({ source, target, there, back }: PairEncapsulation): string | null {
  if (there === null || back === null) return null;
  return there === back
    ? `${modeWords[there]} between ${source} and ${target}`
    : `${modeWords[there]} from ${source} to ${target}, ${modeWords[back]} back`;
}
