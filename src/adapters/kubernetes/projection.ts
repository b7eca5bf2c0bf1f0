/**
 * What is kept of an object of the API server: the fields that probes, rules and fixes read, and nothing beside them.
 */
import {
  metadataAnnotation,
  nodeAddress6Annotation,
  nodeAddressAnnotation,
  nodeFrameTunnelAnnotation,
  nodeTunnelAnnotation,
  podAddressAnnotations,
  storedMetadata,
} from '../../model/calico-annotations.ts';
import { policyFields, poolFields } from '../../model/calico.ts';
import { calicoApis } from '../../model/datastore-kind.ts';
import { knownWriters, ownerAnnotations, ownerManagers } from '../../model/install.ts';
import { everyKey } from '../../model/every-key.ts';
import type {
  ClusterPolicy,
  ClusterRole,
  ClusterRoleBinding,
  Deployment,
  EndpointSlice,
  Installation,
  KubernetesEvent,
  KubernetesNode,
  KubernetesObject,
  Namespace,
  NetworkPolicy,
  ObjectMeta,
  Pod,
  Service,
  TigeraStatus,
} from '../../model/kubernetes.ts';
import { conditionsOf, picked, podSpec, podStatus } from './pod-projection.ts';

/** Annotations that something judges. Their values may hold anything else, such as a whole object as it was applied. */
const judgedAnnotations: readonly string[] = [
  'net.beta.kubernetes.io/network-policy', // a default deny from before NetworkPolicy v1
  ...podAddressAnnotations,
  nodeAddress6Annotation,
  nodeAddressAnnotation,
  nodeFrameTunnelAnnotation,
  nodeTunnelAnnotation,
  ...ownerAnnotations,
];
const addressFields = everyKey<NonNullable<NonNullable<KubernetesNode['status']>['addresses']>[number]>()([
  'type',
  'address',
]);
const kubernetesPolicyFields = everyKey<NetworkPolicy['spec']>()(['podSelector', 'policyTypes', 'ingress', 'egress']);
const clusterPolicyFields = everyKey<ClusterPolicy['spec']>()(['tier', 'priority', 'subject', 'ingress', 'egress']);

/** Labels are kept whole: policies select by them. */
const metadataFields = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'labels',
  'deletionTimestamp',
  'finalizers',
] as const satisfies readonly (keyof ObjectMeta)[];

type Projection = (object: never) => object;

/** By `apiVersion kind`. A kind that is not here cannot be read. */
const projections: Readonly<Record<string, Projection>> = {
  'v1 Pod': ({ spec, status }: Pod) => ({ spec: podSpec(spec), status: podStatus(status) }),
  'v1 Node': ({ status }: KubernetesNode) => ({
    status:
      status &&
      ({
        addresses: status.addresses?.map((address) => picked(address, addressFields)),
        conditions: conditionsOf(status.conditions),
      } satisfies Parts<NonNullable<KubernetesNode['status']>>),
  }),
  'v1 Namespace': fields<Namespace>({ status: everyKey<NonNullable<Namespace['status']>>()(['phase']) }),
  'v1 Event': fields<KubernetesEvent>({
    involvedObject: everyKey<NonNullable<KubernetesEvent['involvedObject']>>()(['kind', 'name', 'uid']),
    reason: null,
    message: null,
    source: everyKey<NonNullable<KubernetesEvent['source']>>()(['component', 'host']),
    reportingComponent: null,
    reportingInstance: null,
    lastTimestamp: null,
    eventTime: null,
    count: null,
    series: everyKey<NonNullable<KubernetesEvent['series']>>()(['count', 'lastObservedTime']),
  }),
  'v1 ServiceAccount': fields({}),
  'v1 Service': fields<Service>({
    spec: everyKey<Service['spec']>()([
      'type',
      'clusterIP',
      'clusterIPs',
      'selector',
      'internalTrafficPolicy',
      'ports',
    ]),
  }),
  'discovery.k8s.io/v1 EndpointSlice': fields<EndpointSlice>({ addressType: null, endpoints: null, ports: null }),
  'apps/v1 Deployment': workload,
  'apps/v1 DaemonSet': workload,
  // Who owns it is what is asked.
  'apps/v1 ReplicaSet': fields({}),
  'rbac.authorization.k8s.io/v1 ClusterRole': fields<ClusterRole>({ rules: null }),
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding': fields<ClusterRoleBinding>({ roleRef: null, subjects: null }),
  'networking.k8s.io/v1 NetworkPolicy': fields<NetworkPolicy>({ spec: kubernetesPolicyFields }),
  'policy.networking.k8s.io/v1alpha1 AdminNetworkPolicy': fields<ClusterPolicy>({ spec: clusterPolicyFields }),
  'policy.networking.k8s.io/v1alpha1 BaselineAdminNetworkPolicy': fields<ClusterPolicy>({ spec: clusterPolicyFields }),
  'policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy': fields<ClusterPolicy>({ spec: clusterPolicyFields }),
  ...Object.fromEntries(calicoApis.flatMap((api) => Object.entries(calicoProjections(api)))),
  'operator.tigera.io/v1 Installation': ({ spec, status }: Installation) => ({
    spec: installationSpec(spec),
    status:
      status &&
      ({
        calicoVersion: status.calicoVersion,
        computed: installationSpec(status.computed),
      } satisfies Parts<NonNullable<Installation['status']>>),
  }),
  'operator.tigera.io/v1 TigeraStatus': fields<TigeraStatus>({
    status: everyKey<NonNullable<TigeraStatus['status']>>()(['conditions']),
  }),
};

/** Calico's own objects are the same in both groups. */
function calicoProjections(api: string): Readonly<Record<string, Projection>> {
  return {
    [`${api} ClusterInformation`]: fields({ spec: ['datastoreReady', 'calicoVersion'] }),
    [`${api} FelixConfiguration`]: fields({ spec: ['bpfEnabled', 'bpfKubeProxyIptablesCleanupEnabled'] }),
    [`${api} IPPool`]: fields({ spec: poolFields }),
    [`${api} NetworkPolicy`]: fields({ spec: policyFields }),
    [`${api} GlobalNetworkPolicy`]: fields({ spec: policyFields }),
    [`${api} StagedNetworkPolicy`]: fields({ spec: [...policyFields, 'stagedAction'] }),
    [`${api} StagedGlobalNetworkPolicy`]: fields({ spec: [...policyFields, 'stagedAction'] }),
    [`${api} StagedKubernetesNetworkPolicy`]: fields({ spec: [...kubernetesPolicyFields, 'stagedAction'] }),
    [`${api} Tier`]: fields({ spec: ['order', 'defaultAction'] }),
    [`${api} NetworkSet`]: fields({ spec: ['nets'] }),
    [`${api} GlobalNetworkSet`]: fields({ spec: ['nets'] }),
  };
}

function installationSpec(spec: Installation['spec']): object | undefined {
  return spec && { calicoNetwork: spec.calicoNetwork && picked(spec.calicoNetwork, ['linuxDataplane']) };
}

/** What makes pods: which ones, how many, and what they would be. */
function workload({ spec, status }: Deployment): object {
  return {
    spec: spec && { ...picked(spec, ['replicas', 'selector']), template: { spec: podSpec(spec.template?.spec) } },
    status: status && picked(status, ['readyReplicas', 'numberReady']),
  };
}

/** Every part of a type, so that a new one is not lost. */
type Parts<T> = Readonly<Record<keyof T, unknown>>;

/** Keeps fields beside the metadata: those of a part that are named, or (null) all of it. */
function fields<T extends KubernetesObject = KubernetesObject & Readonly<Record<string, unknown>>>(
  parts: Readonly<Record<Exclude<keyof T, keyof KubernetesObject>, readonly string[] | null>>,
): Projection {
  return (object: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries<readonly string[] | null>(parts).flatMap(([part, kept]) => {
        const value = object[part];
        if (value === undefined || value === null) return [];
        return [[part, kept === null || typeof value !== 'object' ? value : picked(value, kept)]];
      }),
    );
}

/** Kinds of which is asked who applies them: pods come in thousands, and their owner is asked only by reference. */
const ownedKinds: readonly string[] = [
  'v1 ServiceAccount',
  'apps/v1 Deployment',
  'apps/v1 DaemonSet',
  'rbac.authorization.k8s.io/v1 ClusterRole',
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding',
  'operator.tigera.io/v1 Installation',
];

const isOwner = (manager: string) => Object.hasOwn(ownerManagers, manager);

/** Anybody may write any name: of those that nobody knows, the time is kept alone. */
function managersOf({ managedFields = [] }: ObjectMeta): object {
  const names = [...new Set(managedFields.flatMap(({ manager = '' }) => (isOwner(manager) ? [manager] : [])))];
  const times = managedFields.flatMap(({ time = '', subresource }) =>
    subresource !== 'status' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(time) ? [time] : [],
  );
  const newest = times.toSorted().at(-1);
  const last = managedFields.find(({ time, subresource }) => time === newest && subresource !== 'status');
  const writer = last?.manager ?? '';
  const kept = [
    ...names.map((manager) => ({ manager })),
    ...(newest === undefined
      ? []
      : [{ ...(isOwner(writer) || knownWriters.includes(writer) ? { manager: writer } : {}), time: newest }]),
  ];
  return kept.length > 0 ? { managedFields: kept } : {};
}

function metadataOf({ annotations, ownerReferences, ...rest }: ObjectMeta, isCalicos: boolean): object {
  const stored = isCalicos ? storedMetadata(annotations?.[metadataAnnotation]) : {};
  const judged = {
    ...picked(annotations ?? {}, judgedAnnotations),
    ...(Object.keys(stored).length > 0 ? { [metadataAnnotation]: JSON.stringify(stored) } : {}),
  };
  return {
    ...picked(rest, metadataFields),
    ...(Object.keys(judged).length > 0 ? { annotations: judged } : {}),
    ...(ownerReferences
      ? { ownerReferences: ownerReferences.map((owner) => picked(owner, ['kind', 'name', 'uid', 'controller'])) }
      : {}),
  };
}

/**
 * Returns what turns an object of a kind into what is kept of it.
 * @throws TypeError for a kind of which nobody has said what is needed
 */
export function projectionOf({
  apiVersion,
  kind,
}: {
  readonly apiVersion: string;
  readonly kind: string;
}): <T extends KubernetesObject>(object: T) => T {
  const key = `${apiVersion} ${kind}`;
  const project = Object.hasOwn(projections, key) ? projections[key] : undefined;
  if (!project)
    throw new TypeError(
      `objects of kind ${kind} (${apiVersion}) are not read: no projection says which of their fields are needed`,
    );
  const isCalicos = calicoApis.some((api) => api === apiVersion);
  return <T extends KubernetesObject>(object: T) =>
    ({
      apiVersion: object.apiVersion ?? apiVersion,
      kind: object.kind ?? kind,
      metadata: {
        ...metadataOf(object.metadata, isCalicos),
        ...(ownedKinds.includes(key) ? managersOf(object.metadata) : {}),
      },
      ...project(object as never),
    }) as unknown as T;
}

/** The kinds that can be read, as `apiVersion kind`. */
export const readKinds: readonly string[] = Object.keys(projections);
