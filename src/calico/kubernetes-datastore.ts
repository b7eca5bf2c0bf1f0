/**
 * Calico's objects as its programs make them of Kubernetes' own, where the API server is the datastore: endpoints of
 * pods, profiles of namespaces and accounts, nodes of annotations. Source: libcalico-go/lib/backend/k8s (conversion,
 * resources/profile.go, resources/node.go).
 */
import type { CalicoNode, EndpointPort, Profile, WorkloadEndpoint } from '../model/calico.ts';
import {
  annotated,
  metadataAnnotation,
  nodeAddress6Annotation,
  nodeAddressAnnotation,
  nodeTunnelAnnotation,
  podAddressAnnotations,
  storedMetadata,
} from '../model/calico-annotations.ts';
import type { CalicoApi } from '../model/datastore-kind.ts';
import type { KubernetesNode, KubernetesObject, Namespace, ObjectMeta, Pod } from '../model/kubernetes.ts';
import { hostInterfaceName, workloadEndpointName } from './endpoint-names.ts';
import { usualProfiles } from './usual-profiles.ts';

/** Returns the endpoint of a pod; null: a pod without a node, or on its node's network, has none. */
export function endpointOfPod({ metadata, spec, status }: Pod, interfacePrefix: string): WorkloadEndpoint | null {
  const { nodeName: node, serviceAccountName: account } = spec;
  if (spec.hostNetwork || !node) return null;
  const namespace = metadata.namespace ?? 'default';
  const isFinished = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  return {
    metadata: {
      name: workloadEndpointName(node, metadata.name),
      namespace,
      labels: {
        ...metadata.labels,
        'projectcalico.org/namespace': namespace,
        'projectcalico.org/orchestrator': 'k8s',
        ...(account ? { 'projectcalico.org/serviceaccount': account } : {}),
      },
    },
    spec: {
      node,
      pod: metadata.name,
      interfaceName: hostInterfaceName(namespace, metadata.name, interfacePrefix),
      ipNetworks: isFinished ? [] : networksOf({ metadata, status }),
      profiles: account ? usualProfiles({ namespace, serviceAccount: account }) : [`kns.${namespace}`],
      ...(account ? { serviceAccountName: account } : {}),
      ports: spec.containers.flatMap(({ ports = [] }) =>
        ports.flatMap(({ name, containerPort, protocol = 'TCP' }): EndpointPort[] =>
          name === undefined ? [] : [{ name, port: containerPort, protocol }],
        ),
      ),
    },
  };
}

/** The CNI plugin's word comes before the kubelet's, which is later. */
function networksOf({ metadata, status }: Pick<Pod, 'metadata'> & { readonly status: Pod['status'] }): string[] {
  const written = annotated(metadata.annotations, podAddressAnnotations);
  const stated = written?.split(',') ?? status?.podIPs?.map(({ ip }) => ip) ?? [status?.podIP ?? ''];
  return stated
    .map((address) => address.trim())
    .filter((address) => address !== '')
    .map((address) => (address.includes('/') ? address : `${address}/${address.includes(':') ? 128 : 32}`));
}

/** The profile of a namespace allows everything that no policy decides. */
export function profileOfNamespace({ metadata }: Namespace): Profile {
  const allow = [{ action: 'Allow' }];
  return {
    metadata: { name: `kns.${metadata.name}` },
    spec: { ingress: allow, egress: allow, labelsToApply: passedOn('pcns', metadata) },
  };
}

/** The profile of a service account has labels alone. */
export function profileOfAccount({ metadata }: KubernetesObject): Profile {
  return {
    metadata: { name: `ksa.${metadata.namespace}.${metadata.name}` },
    spec: { labelsToApply: passedOn('pcsa', metadata) },
  };
}

function passedOn(prefix: string, { name, labels = {} }: ObjectMeta): Readonly<Record<string, string>> {
  return {
    ...Object.fromEntries(Object.entries(labels).map(([label, value]) => [`${prefix}.${label}`, value])),
    [`${prefix}.projectcalico.org/name`]: name,
  };
}

/** Calico's object of a node: what calico-node wrote to the node's annotations. */
export function calicoNodeOf({ metadata }: KubernetesNode): CalicoNode {
  const address = annotated(metadata.annotations, [nodeAddressAnnotation]);
  const address6 = annotated(metadata.annotations, [nodeAddress6Annotation]);
  const tunnel = annotated(metadata.annotations, [nodeTunnelAnnotation]);
  return {
    metadata: { name: metadata.name },
    spec: {
      bgp: {
        ...(address ? { ipv4Address: address } : {}),
        ...(address6 ? { ipv6Address: address6 } : {}),
        ...(tunnel ? { ipv4IPIPTunnelAddr: tunnel } : {}),
      },
    },
  };
}

/** Returns an object as Calico's own API shows it: in `crd.projectcalico.org` an annotation may hold its labels. */
export function asCalicoShows<T extends KubernetesObject>(object: T, api: CalicoApi): T {
  if (api !== 'crd.projectcalico.org/v1') return object;
  const { metadata } = object;
  const stored = storedMetadata(metadata.annotations?.[metadataAnnotation]);
  return stored.labels
    ? { ...object, metadata: { ...metadata, labels: { ...stored.labels, ...metadata.labels } } }
    : object;
}
