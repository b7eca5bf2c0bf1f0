/** A small cluster whose API server is Calico's datastore: two nodes, a pool, and pods in two namespaces. */
import type { KubernetesObject } from '../../src/model/kubernetes.ts';

const calicoApi = 'crd.projectcalico.org/v1';
const pool = { cidr: '10.244.0.0/16', natOutgoing: true, ipipMode: 'Always' };

interface SmallPod {
  readonly name: string;
  readonly namespace?: string;
  readonly node?: string;
  readonly address: string;
  readonly hostNetwork?: boolean;
}

const object = (apiVersion: string, kind: string, name: string, more: object = {}): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name },
  ...more,
});

const node = (name: string, address: string) =>
  object('v1', 'Node', name, { status: { addresses: [{ type: 'InternalIP', address }] } });

/** Returns the object of a pod that runs. */
export function smallPod({ name, namespace = 'default', node: nodeName = 'node-a', address, hostNetwork }: SmallPod) {
  return object('v1', 'Pod', name, {
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      nodeName,
      serviceAccountName: 'default',
      ...(hostNetwork ? { hostNetwork } : {}),
      containers: [{ name, ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }] }],
    },
    status: { phase: 'Running', podIP: address, podIPs: [{ ip: address }] },
  });
}

/** Returns the whole cluster with more objects in it. */
export function smallCluster(more: readonly KubernetesObject[] = []): readonly KubernetesObject[] {
  return [
    object('apps/v1', 'DaemonSet', 'calico-node', {
      metadata: { name: 'calico-node', namespace: 'kube-system' },
      spec: { template: { spec: { containers: [{ env: [{ name: 'DATASTORE_TYPE', value: 'kubernetes' }] }] } } },
    }),
    object(calicoApi, 'ClusterInformation', 'default', { spec: { datastoreReady: true } }),
    object(calicoApi, 'IPPool', 'default-pool', { spec: pool }),
    node('node-a', '192.0.2.11'),
    node('node-b', '192.0.2.12'),
    ...['default', 'shop'].flatMap((namespace) => [
      object('v1', 'Namespace', namespace, { metadata: { name: namespace, labels: { team: namespace } } }),
      object('v1', 'ServiceAccount', 'default', { metadata: { name: 'default', namespace } }),
    ]),
    smallPod({ name: 'web', address: '10.244.1.5' }),
    smallPod({ name: 'client', node: 'node-b', address: '10.244.2.7' }),
    smallPod({ name: 'api', namespace: 'shop', node: 'node-b', address: '10.244.2.8' }),
    smallPod({ name: 'agent', node: 'node-b', address: '192.0.2.12', hostNetwork: true }),
    ...more,
  ];
}

/** Returns a policy of Calico's, or a staged one. */
export function calicoObject(kind: string, name: string, spec: object, namespace: string | null = 'default') {
  return object(calicoApi, kind, name, { metadata: { name, ...(namespace === null ? {} : { namespace }) }, spec });
}

/** Returns a NetworkPolicy of Kubernetes'. */
export function kubernetesPolicy(name: string, spec: object, namespace = 'default') {
  return object('networking.k8s.io/v1', 'NetworkPolicy', name, { metadata: { name, namespace }, spec });
}
