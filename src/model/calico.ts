/** Calico v3 objects (projectcalico.org/v3), reduced to what a diagnosis reads. Source: CALICO facts 4, 6. */
import type { ObjectMeta } from './kubernetes.ts';

export interface WorkloadEndpoint {
  readonly metadata: ObjectMeta;
  readonly spec: {
    readonly node: string;
    readonly pod?: string;
    readonly interfaceName: string;
    readonly ipNetworks: readonly string[];
    readonly profiles?: readonly string[];
    readonly serviceAccountName?: string;
  };
}

export interface CalicoRule {
  readonly action: string;
  readonly protocol?: string | number;
  readonly source?: Readonly<Record<string, unknown>>;
  readonly destination?: Readonly<Record<string, unknown>>;
}

export interface Profile {
  readonly metadata: ObjectMeta;
  readonly spec?: { readonly ingress?: readonly CalicoRule[]; readonly egress?: readonly CalicoRule[]; readonly labelsToApply?: Readonly<Record<string, string>> };
}

export interface IPPool {
  readonly metadata: ObjectMeta;
  readonly spec: {
    readonly cidr: string;
    readonly ipipMode?: 'Never' | 'Always' | 'CrossSubnet';
    readonly vxlanMode?: 'Never' | 'Always' | 'CrossSubnet';
    readonly natOutgoing?: boolean;
    readonly disabled?: boolean;
  };
}

export interface CalicoNode {
  readonly metadata: ObjectMeta;
  readonly spec?: { readonly bgp?: { readonly ipv4Address?: string; readonly ipv4IPIPTunnelAddr?: string } };
}

/** A profile as the datastore answers for it by name, through the same client that returned the pod's endpoint. */
export interface ProfileLookup {
  readonly name: string;
  /** null: the datastore has none of this name. */
  readonly profile: Profile | null;
}
