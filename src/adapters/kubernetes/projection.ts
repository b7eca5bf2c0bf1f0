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
import { ownerAnnotations, ownerManagers } from '../../model/install.ts';
import type {
  Deployment,
  Installation,
  KubernetesNode,
  KubernetesObject,
  ObjectMeta,
  Pod,
} from '../../model/kubernetes.ts';

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
/** Environment variables that a probe reads. */
const readVariables: readonly string[] = [
  'ENABLED_CONTROLLERS',
  'DATASTORE_TYPE',
  'KUBECONFIG',
  'ETCD_ENDPOINTS',
  'FELIX_INTERFACEPREFIX',
  'CALICO_NETWORKING_BACKEND',
  'FELIX_NFTABLESMODE',
  'FELIX_IPTABLESBACKEND',
];

const kubernetesPolicyFields = ['podSelector', 'policyTypes', 'ingress', 'egress'];
const clusterPolicyFields = ['tier', 'priority', 'subject', 'ingress', 'egress'];

/** Labels are kept whole: policies select by them. */
const metadataFields = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'labels',
  'deletionTimestamp',
] as const satisfies readonly (keyof ObjectMeta)[];

type Projection = (object: never) => object;

/** By `apiVersion kind`. A kind that is not here cannot be read. */
const projections: Readonly<Record<string, Projection>> = {
  'v1 Pod': ({ spec, status }: Pod) => ({ spec: podSpec(spec), status: podStatus(status) }),
  'v1 Node': ({ status }: KubernetesNode) => ({
    status: status && {
      addresses: status.addresses?.map((address) => picked(address, ['type', 'address'])),
      conditions: conditionsOf(status.conditions),
    },
  }),
  'v1 Namespace': fields({ status: ['phase'] }),
  'v1 Event': fields({
    involvedObject: ['kind', 'name', 'uid'],
    reason: null,
    message: null,
    source: ['component', 'host'],
    reportingComponent: null,
    reportingInstance: null,
    lastTimestamp: null,
    eventTime: null,
    count: null,
    series: ['count', 'lastObservedTime'],
  }),
  'v1 ServiceAccount': fields({}),
  'v1 Service': fields({ spec: ['type', 'clusterIP', 'clusterIPs', 'selector', 'internalTrafficPolicy', 'ports'] }),
  'discovery.k8s.io/v1 EndpointSlice': fields({ addressType: null, endpoints: null, ports: null }),
  'apps/v1 Deployment': workload,
  'apps/v1 DaemonSet': workload,
  // Who owns it is what is asked.
  'apps/v1 ReplicaSet': fields({}),
  'rbac.authorization.k8s.io/v1 ClusterRole': fields({ rules: null }),
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding': fields({ roleRef: null, subjects: null }),
  'networking.k8s.io/v1 NetworkPolicy': fields({ spec: kubernetesPolicyFields }),
  'policy.networking.k8s.io/v1alpha1 AdminNetworkPolicy': fields({ spec: clusterPolicyFields }),
  'policy.networking.k8s.io/v1alpha1 BaselineAdminNetworkPolicy': fields({ spec: clusterPolicyFields }),
  'policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy': fields({ spec: clusterPolicyFields }),
  ...Object.fromEntries(calicoApis.flatMap((api) => Object.entries(calicoProjections(api)))),
  'operator.tigera.io/v1 Installation': ({ spec, status }: Installation) => ({
    spec: installationSpec(spec),
    status: status && { ...picked(status, ['calicoVersion']), computed: installationSpec(status.computed) },
  }),
  'operator.tigera.io/v1 TigeraStatus': fields({ status: ['conditions'] }),
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

/**
 * Of a pod as it is and of the one that a Deployment would make: without commands, arguments, volumes and environment.
 */
function podSpec(spec: Partial<Pod['spec']> | undefined): object | undefined {
  return (
    spec && {
      ...picked(spec, ['nodeName', 'hostNetwork', 'serviceAccountName']),
      containers: (spec.containers ?? []).map((container) => {
        const env = container.env
          ?.filter(({ name }) => readVariables.includes(name))
          .map((variable) => picked(variable, ['name', 'value']));
        return {
          ...picked(container, ['name', 'image']),
          ports: container.ports?.map((port) => picked(port, ['name', 'containerPort', 'protocol'])),
          ...(env && env.length > 0 ? { env } : {}),
        };
      }),
    }
  );
}

function podStatus(status: Pod['status']): object | undefined {
  return (
    status && {
      ...picked(status, ['phase', 'podIP', 'podIPs', 'reason', 'message']),
      conditions: conditionsOf(status.conditions),
      containerStatuses: status.containerStatuses?.map(({ state, ...container }) => ({
        ...picked(container, ['name', 'ready', 'restartCount']),
        state: state && {
          ...(state.waiting && { waiting: picked(state.waiting, ['reason', 'message']) }),
          ...(state.running && { running: {} }),
          ...(state.terminated && { terminated: picked(state.terminated, ['reason', 'exitCode']) }),
        },
      })),
    }
  );
}

type Condition = NonNullable<NonNullable<Pod['status']>['conditions']>[number];
function conditionsOf(conditions: readonly Condition[] | undefined): object | undefined {
  return conditions?.map((condition) => picked(condition, ['type', 'status', 'reason', 'message']));
}

/** Keeps fields beside the metadata: those of a part that are named, or (null) all of it. */
function fields(parts: Readonly<Record<string, readonly string[] | null>>): Projection {
  return (object: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(parts).flatMap(([part, kept]) => {
        const value = object[part];
        if (value === undefined || value === null) return [];
        return [[part, kept === null || typeof value !== 'object' ? value : picked(value, kept)]];
      }),
    );
}

function picked(object: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(key)));
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

function managersOf({ managedFields = [] }: ObjectMeta): object {
  const names = [
    ...new Set(managedFields.flatMap(({ manager = '' }) => (Object.hasOwn(ownerManagers, manager) ? [manager] : []))),
  ];
  return names.length > 0 ? { managedFields: names.map((manager) => ({ manager })) } : {};
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
