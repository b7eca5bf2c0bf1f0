import type { Administrator, KubeObject } from '../control-plane/api.ts';
import { addressesOf, block6, ipv6Of, isDual } from '../dual-stack.ts';
import type { LabNode, LabPod, Topology } from '../topology.ts';
import { ensureServices } from './services.ts';

/** Kubernetes' own objects of the lab: what a kubelet, a scheduler and people would have written. */

const now = () => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

const ready = (type: string, reason: string) => ({
  type,
  status: 'True',
  reason,
  message: reason,
  lastHeartbeatTime: now(),
  lastTransitionTime: now(),
});

async function ensureNode(api: Administrator, topology: Topology, node: LabNode): Promise<void> {
  await api.ensure('/api/v1/nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      labels: {
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
      },
    },
    spec: { podCIDR: node.block, ...(isDual(topology) ? { podCIDRs: [node.block, block6(node)] } : {}) },
  });
  await api.patch(`/api/v1/nodes/${node.name}/status`, {
    status: {
      addresses: [
        { type: 'InternalIP', address: node.address },
        ...(isDual(topology) ? [{ type: 'InternalIP', address: ipv6Of(node.address) }] : []),
        { type: 'Hostname', address: node.name },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      conditions: [ready('Ready', 'KubeletReady'), { ...ready('NetworkUnavailable', 'CalicoIsUp'), status: 'False' }],
      capacity: { cpu: '2', memory: '4Gi', pods: '110' },
      allocatable: { cpu: '2', memory: '4Gi', pods: '110' },
    },
  });
}

/** Status of a pod whose containers all run and are ready. */
export function runningStatus(
  hostIP: string,
  podIPs: readonly string[],
  containers: { name: string; image: string }[],
  isReady = true,
): Record<string, unknown> {
  const flag = isReady ? 'True' : 'False';
  return {
    phase: 'Running',
    hostIP,
    podIP: podIPs[0],
    podIPs: podIPs.map((ip) => ({ ip })),
    hostIPs: [{ ip: hostIP }],
    startTime: now(),
    conditions: [
      ['Initialized', 'True'],
      ['Ready', flag],
      ['ContainersReady', flag],
      ['PodScheduled', 'True'],
    ].map(([type, status]) => ({ type, status, lastTransitionTime: now() })),
    containerStatuses: containers.map(({ name, image }) => ({
      name,
      image,
      imageID: '',
      ready: isReady,
      started: true,
      restartCount: 0,
      state: { running: { startedAt: now() } },
    })),
  };
}

/** One container of a lab pod, with the TCP ports that it declares. */
const container = (pod: LabPod) => ({
  name: 'main',
  image: 'lab/server:1',
  ports: pod.ports.map(({ name, port }) => ({ name, containerPort: port, protocol: 'TCP' })),
});

/** Creates a pod's API object and says that it runs; CNI's annotations included. */
export async function ensurePod(
  api: Administrator,
  topology: Topology,
  pod: LabPod,
  owner: KubeObject | null,
): Promise<void> {
  const node = topology.nodes.find((one) => one.name === pod.node);
  const own = addressesOf(topology, pod);
  await api.ensure(`/api/v1/namespaces/${pod.namespace}/pods`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: pod.name,
      namespace: pod.namespace,
      labels: pod.labels,
      annotations: {
        'cni.projectcalico.org/podIP': `${pod.ip}/32`,
        'cni.projectcalico.org/podIPs': own.map((ip) => `${ip}/${ip.includes(':') ? 128 : 32}`).join(','),
      },
      ...(owner === null
        ? {}
        : {
            ownerReferences: [
              {
                apiVersion: owner.apiVersion,
                kind: owner.kind,
                name: owner.metadata.name,
                uid: owner.metadata.uid,
                controller: true,
                blockOwnerDeletion: true,
              },
            ],
          }),
    },
    spec: { nodeName: pod.node, serviceAccountName: 'default', containers: [container(pod)] },
  });
  await api.patch(`/api/v1/namespaces/${pod.namespace}/pods/${pod.name}/status`, {
    status: runningStatus(node?.address ?? '', own, [container(pod)]),
  });
}

/** The ReplicaSet that owns the pods of one app in a namespace. */
async function ensureReplicaSet(
  api: Administrator,
  namespace: string,
  name: string,
  pods: LabPod[],
): Promise<KubeObject> {
  const first = pods[0];
  if (!first) throw new Error(`ReplicaSet ${name} owns no pod`);
  const set = await api.ensure(`/apis/apps/v1/namespaces/${namespace}/replicasets`, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, namespace, labels: first.labels },
    spec: {
      replicas: pods.length,
      selector: { matchLabels: first.labels },
      template: { metadata: { labels: first.labels }, spec: { containers: [container(first)] } },
    },
  });
  await api.patch(`/apis/apps/v1/namespaces/${namespace}/replicasets/${name}/status`, {
    status: {
      replicas: pods.length,
      readyReplicas: pods.length,
      availableReplicas: pods.length,
      fullyLabeledReplicas: pods.length,
    },
  });
  return { ...set, apiVersion: 'apps/v1', kind: 'ReplicaSet' };
}

/** Makes a namespace with the service account that a controller-manager would give it. */
async function ensureNamespace(api: Administrator, name: string, labels: Record<string, string> = {}): Promise<void> {
  await api.ensure('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  await api.ensure(`/api/v1/namespaces/${name}/serviceaccounts`, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace: name },
  });
}

/** Namespaces, nodes, pods and services. */
export async function ensureCluster(api: Administrator, topology: Topology): Promise<void> {
  await Promise.all([
    ensureNamespace(api, 'default'),
    // The API server makes these too, when it comes to it.
    ...['kube-system', 'kube-public', 'kube-node-lease'].map((name) => ensureNamespace(api, name)),
    ensureNamespace(api, 'shop', { team: 'shop' }),
    ...topology.nodes.map((node) => ensureNode(api, topology, node)),
  ]);
  const owned = Map.groupBy(topology.pods, (pod) => (pod.owner === null ? '' : `${pod.namespace}/${pod.owner}`));
  await Promise.all(
    [...owned].map(async ([key, pods]) => {
      const [namespace = '', name = ''] = key.split('/');
      const owner = key === '' ? null : await ensureReplicaSet(api, namespace, name, pods);
      await Promise.all(pods.map((pod) => ensurePod(api, topology, pod, owner)));
    }),
  );
  await ensureServices(api, topology);
}
