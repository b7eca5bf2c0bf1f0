/** Calico v3 objects (projectcalico.org/v3), reduced to what a diagnosis reads. Source: api/pkg/apis. */
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
    readonly ports?: readonly EndpointPort[];
  };
}

/** Whether the client that finds no endpoint of a pod finds those of other pods of the same node. */
export interface EndpointControl {
  /** `namespace/name` of the pod without an endpoint. */
  readonly pod: string;
  /** `namespace/name` of one whose endpoint it finds; null: it finds none, or there is no other pod. */
  readonly found: string | null;
}

/** A port that an endpoint has a name for. */
export interface EndpointPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: string | number;
}

export interface CalicoRule {
  readonly action: string;
  readonly ipVersion?: number;
  readonly protocol?: string | number;
  readonly notProtocol?: string | number;
  readonly icmp?: IcmpMatch;
  readonly notICMP?: IcmpMatch;
  readonly source?: EntityRule;
  readonly destination?: EntityRule;
  /** Enforced by a proxy beside the pod, not by the packet filter. */
  readonly http?: unknown;
  readonly metadata?: unknown;
}

export interface IcmpMatch {
  readonly type?: number;
  readonly code?: number;
}

/** Who is at one end: everything given must match. Ports are numbers, `first:last` or names. */
export interface EntityRule {
  readonly nets?: readonly string[];
  readonly notNets?: readonly string[];
  readonly ports?: readonly (string | number)[];
  readonly notPorts?: readonly (string | number)[];
  readonly selector?: string;
  readonly notSelector?: string;
  readonly namespaceSelector?: string;
  readonly serviceAccounts?: { readonly names?: readonly string[]; readonly selector?: string };
  readonly services?: unknown;
  readonly domains?: unknown;
}

/** NetworkPolicy and GlobalNetworkPolicy. */
export interface CalicoPolicy {
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: {
    readonly tier?: string;
    /** null and absent: after all that have one. */
    readonly order?: number | null;
    readonly selector?: string;
    readonly serviceAccountSelector?: string;
    readonly namespaceSelector?: string;
    readonly types?: readonly string[];
    readonly ingress?: readonly CalicoRule[];
    readonly egress?: readonly CalicoRule[];
    readonly doNotTrack?: boolean;
    readonly preDNAT?: boolean;
  };
}

/** A policy that somebody tries out: Felix counts what it would do, and drops nothing by it. */
export interface StagedPolicy extends CalicoPolicy {
  /** `Set`, or `Delete`: the policy of this name would go. */
  readonly stagedAction: string | null;
}

export interface Tier {
  readonly metadata: ObjectMeta;
  readonly spec?: { readonly order?: number | null; readonly defaultAction?: string };
}

/** NetworkSet and GlobalNetworkSet: addresses with labels, which selectors of rules choose as they choose endpoints. */
export interface NetworkSet {
  readonly metadata: ObjectMeta;
  readonly spec?: { readonly nets?: readonly string[] };
}

export interface Profile {
  readonly metadata: ObjectMeta;
  readonly spec?: {
    readonly ingress?: readonly CalicoRule[];
    readonly egress?: readonly CalicoRule[];
    readonly labelsToApply?: Readonly<Record<string, string>>;
  };
}

export interface IPPool {
  readonly metadata: ObjectMeta;
  readonly spec: {
    readonly cidr: string;
    readonly ipipMode?: 'Never' | 'Always' | 'CrossSubnet';
    readonly vxlanMode?: 'Never' | 'Always' | 'CrossSubnet';
    readonly natOutgoing?: boolean;
    /** Length of the network that a block of its addresses is. */
    readonly blockSize?: number;
    readonly disabled?: boolean;
  };
}

/** What a diagnosis reads of a pool. */
export const poolFields = [
  'cidr',
  'ipipMode',
  'vxlanMode',
  'natOutgoing',
  'blockSize',
  'disabled',
] as const satisfies readonly (keyof IPPool['spec'])[];
/** Of a policy; its rules as they are. */
export const policyFields = [
  'tier',
  'order',
  'selector',
  'serviceAccountSelector',
  'namespaceSelector',
  'types',
  'ingress',
  'egress',
  'doNotTrack',
  'preDNAT',
] as const satisfies readonly (keyof CalicoPolicy['spec'])[];

export interface CalicoNode {
  readonly metadata: ObjectMeta;
  /** Its addresses may have a prefix length. */
  readonly spec?: {
    readonly bgp?: {
      readonly ipv4Address?: string;
      readonly ipv6Address?: string;
      readonly ipv4IPIPTunnelAddr?: string;
    };
  };
}

/** Calico's object of a node, asked for by the node's name in Kubernetes. */
export interface CalicoNodeLookup {
  readonly node: string;
  /** null: the datastore has none of this name. */
  readonly object: CalicoNode | null;
}

/** A profile as the datastore answers for it by name, through the same client that returned the pod's endpoint. */
export interface ProfileLookup {
  readonly name: string;
  /** null: the datastore has none of this name. */
  readonly profile: Profile | null;
}

/** Calico's objects that can judge one end of a flow, as one client printed them. */
export interface PolicyObjects {
  readonly policies: readonly CalicoPolicy[];
  readonly tiers: readonly Tier[];
  readonly networkSets: readonly NetworkSet[];
  /** They have network sets too, and nobody read those. */
  readonly unreadNamespaces: readonly string[];
}

/** Every policy that can judge one of the asked pods, read for the question and not for a packet. */
export interface StoredPolicies {
  /** Of the target's endpoint. */
  readonly target: PolicyObjects;
  /** Of the asked source pod's; null: no pod was asked about as the source. */
  readonly source: PolicyObjects | null;
  /** Of the target's namespace and global ones; not in force. */
  readonly staged: readonly StagedPolicy[] | { readonly unread: string };
}
