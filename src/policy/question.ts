import type { CalicoPolicy, CalicoRule, EndpointPort, Tier } from '../model/calico.ts';
import type { Packet } from '../model/ruleset/packet.ts';
import type { Labels } from './selector.ts';

/** One packet at the endpoint that policies judge it for, and the datastore's objects that do. */
export interface PolicyQuestion {
  readonly direction: 'ingress' | 'egress';
  readonly packet: Packet;
  /** The endpoint's own labels and those that its profiles give it. */
  readonly labels: Labels;
  /** In the endpoint's order; null: it names one that does not exist. */
  readonly profiles: readonly {
    readonly name: string;
    readonly rules: { readonly ingress: readonly CalicoRule[]; readonly egress: readonly CalicoRule[] } | null;
  }[];
  readonly source: PacketEnd;
  readonly destination: PacketEnd;
  readonly tiers: readonly Tier[];
  /** Of the endpoint's namespace, and global ones. */
  readonly policies: readonly CalicoPolicy[];
}

/** What has labels and holds the address of one end: an endpoint, network sets, or something that was not read. */
export interface PacketEnd {
  readonly members: readonly Labelled[];
}
export interface Labelled {
  readonly labels: Labels;
  /** null: not known. */
  readonly ports: readonly EndpointPort[] | null;
}
