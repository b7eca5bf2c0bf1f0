/** Kubernetes objects, reduced to the fields that a diagnosis reads (apiVersion v1 unless said otherwise). */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** When it is to be gone: the time of the request, and the grace that the object has. */
  readonly deletionTimestamp?: string;
  /** Each is set by a program, and keeps the object until that program takes it away. */
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly {
    readonly kind: string;
    readonly name: string;
    readonly uid: string;
    readonly controller?: boolean;
  }[];
  /** Of each entry only who wrote it, where the name is known, and of the newest one when. */
  readonly managedFields?: readonly {
    readonly manager?: string;
    readonly subresource?: string;
    readonly time?: string;
  }[];
}

export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
}

export interface Pod extends KubernetesObject {
  readonly spec: {
    readonly nodeName?: string;
    readonly hostNetwork?: boolean;
    readonly serviceAccountName?: string;
    readonly containers: readonly {
      readonly name: string;
      readonly image?: string;
      readonly ports?: readonly {
        readonly name?: string;
        readonly containerPort: number;
        readonly protocol?: string;
      }[];
      /** Without a value where it comes from elsewhere. */
      readonly env?: readonly { readonly name: string; readonly value?: string }[];
    }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly podIPs?: readonly { readonly ip: string }[];
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

export interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state?: ContainerState;
  /** Before its last restart. */
  readonly lastState?: ContainerState;
}
interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: object;
  readonly terminated?: { readonly reason?: string; readonly exitCode?: number };
}

export interface KubernetesNode extends KubernetesObject {
  readonly status?: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
  };
}

/** Of the core group; `reportingComponent` and `reportingInstance` stand in newer ones for `source`. */
export interface KubernetesEvent extends KubernetesObject {
  readonly involvedObject?: { readonly kind?: string; readonly name?: string; readonly uid?: string };
  readonly reason?: string;
  readonly message?: string;
  readonly source?: { readonly component?: string; readonly host?: string };
  readonly reportingComponent?: string;
  readonly reportingInstance?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly count?: number;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string } | null;
}

/** What the kubelet of a pod's node said of the pod. */
export interface PodEvent {
  readonly reason: string;
  /** One line of at most 1,000 characters. */
  readonly message: string;
  /** The last time; ISO 8601, empty where the event does not say. */
  readonly at: string;
  /** How often. */
  readonly count: number;
}

export interface Namespace extends KubernetesObject {
  readonly status?: { readonly phase?: string };
}

/** apps/v1. A DaemonSet has the same, without `replicas`. */
export interface Deployment extends KubernetesObject {
  readonly spec: {
    readonly replicas?: number;
    readonly selector?: LabelSelector;
    readonly template: {
      readonly spec: { readonly serviceAccountName?: string; readonly containers: Pod['spec']['containers'] };
    };
  };
  /** `numberReady` is a DaemonSet's. */
  readonly status?: { readonly readyReplicas?: number; readonly numberReady?: number };
}

export interface Service extends KubernetesObject {
  readonly spec: {
    readonly type?: string;
    /** `None`: headless. */
    readonly clusterIP?: string;
    /** One of each family that it has. */
    readonly clusterIPs?: readonly string[];
    readonly selector?: Readonly<Record<string, string>>;
    readonly internalTrafficPolicy?: string;
    readonly ports?: readonly {
      readonly name?: string;
      readonly protocol?: string;
      readonly port: number;
      readonly targetPort?: string | number;
    }[];
  };
}

/** discovery.k8s.io/v1 */
export interface EndpointSlice extends KubernetesObject {
  readonly addressType?: string;
  readonly endpoints?:
    | readonly {
        readonly addresses: readonly string[];
        readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean };
        readonly nodeName?: string;
        readonly targetRef?: { readonly kind?: string; readonly namespace?: string; readonly name?: string };
      }[]
    | null;
  readonly ports?:
    | readonly { readonly name?: string; readonly protocol?: string; readonly port?: number | null }[]
    | null;
}

/** operator.tigera.io/v1. What the operator found out for itself stands in `status.computed`. */
export interface Installation extends KubernetesObject {
  readonly spec?: InstallationSpec;
  readonly status?: { readonly calicoVersion?: string; readonly computed?: InstallationSpec };
}
interface InstallationSpec {
  readonly calicoNetwork?: { readonly linuxDataplane?: string };
}

/** operator.tigera.io/v1: what the operator says of one of its components. */
export interface TigeraStatus extends KubernetesObject {
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
  };
}

/** rbac.authorization.k8s.io/v1 */
export interface PolicyRule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}
export interface ClusterRole extends KubernetesObject {
  readonly rules?: readonly PolicyRule[];
}
export interface ClusterRoleBinding extends KubernetesObject {
  readonly roleRef: { readonly apiGroup: string; readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[];
}

/** One question to the authorizer (authorization.k8s.io/v1 SubjectAccessReview). */
export interface AccessQuestion {
  readonly user: string;
  readonly groups: readonly string[];
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
}
export interface AccessAnswer extends AccessQuestion {
  readonly allowed: boolean;
  readonly reason: string;
}

/** networking.k8s.io/v1 */
export interface NetworkPolicy extends KubernetesObject {
  readonly spec: {
    readonly podSelector?: LabelSelector;
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly {
      readonly from?: readonly NetworkPolicyPeer[];
      readonly ports?: readonly NetworkPolicyPort[];
    }[];
    readonly egress?: readonly {
      readonly to?: readonly NetworkPolicyPeer[];
      readonly ports?: readonly NetworkPolicyPort[];
    }[];
  };
}
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}
export const clusterPolicyKinds = ['AdminNetworkPolicy', 'BaselineAdminNetworkPolicy', 'ClusterNetworkPolicy'] as const;
export type ClusterPolicyKind = (typeof clusterPolicyKinds)[number];

/**
 * A policy for the whole cluster (policy.networking.k8s.io): AdminNetworkPolicy and BaselineAdminNetworkPolicy of
 * v1alpha1, ClusterNetworkPolicy of v1alpha2.
 */
export interface ClusterPolicy extends KubernetesObject {
  readonly spec: {
    /** `Admin` or `Baseline`; of a ClusterNetworkPolicy only. */
    readonly tier?: string;
    readonly priority?: number;
    readonly subject?: ClusterPolicySelector;
    readonly ingress?: readonly ClusterPolicyRule[];
    readonly egress?: readonly ClusterPolicyRule[];
  };
}
export interface ClusterPolicySelector {
  readonly namespaces?: LabelSelector;
  readonly pods?: { readonly namespaceSelector?: LabelSelector; readonly podSelector?: LabelSelector };
}
export interface ClusterPolicyRule {
  /** v1alpha1: `Allow`, `Deny`, `Pass`; v1alpha2: `Accept`, `Deny`, `Pass`. */
  readonly action: string;
  readonly from?: readonly ClusterPolicyPeer[];
  readonly to?: readonly ClusterPolicyPeer[];
  /** Of v1alpha1; none: every port. */
  readonly ports?: readonly ClusterPolicyPort[];
  /** Of v1alpha2; none: every protocol. */
  readonly protocols?: readonly ClusterPolicyProtocol[];
}
export interface ClusterPolicyPeer extends ClusterPolicySelector {
  readonly networks?: readonly string[];
}
export interface ClusterPolicyPort {
  readonly portNumber?: { readonly protocol?: string; readonly port: number };
  readonly portRange?: { readonly protocol?: string; readonly start: number; readonly end: number };
}
type ClusterPolicyPorts = {
  readonly number?: number;
  readonly range?: { readonly start: number; readonly end: number };
};
export interface ClusterPolicyProtocol {
  readonly tcp?: { readonly destinationPort?: ClusterPolicyPorts };
  readonly udp?: { readonly destinationPort?: ClusterPolicyPorts };
  readonly sctp?: { readonly destinationPort?: ClusterPolicyPorts };
  readonly destinationNamedPort?: string;
}
export interface NetworkPolicyPeer {
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}
export interface NetworkPolicyPort {
  readonly protocol?: string;
  readonly port?: string | number;
  readonly endPort?: number;
}
