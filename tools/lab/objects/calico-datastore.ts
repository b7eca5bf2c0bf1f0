import { createHash, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import type { LabPaths } from '../paths.ts';
import { calicoProgram } from '../nodes/programs.ts';
import { run } from '../run.ts';
import { addresses, profilesOf, type LabNode, type LabPod, type Topology } from '../topology.ts';
import { encapsulations, vxlanMac } from '../encapsulation.ts';

/** Calico's own objects: what calico-node, the CNI plugin and an installer would have written. */

type CalicoObject = {
  apiVersion: 'projectcalico.org/v3';
  kind: string;
  metadata: Record<string, unknown>;
  spec: Record<string, unknown>;
};

const object = (kind: string, metadata: Record<string, unknown>, spec: Record<string, unknown>): CalicoObject => ({
  apiVersion: 'projectcalico.org/v3',
  kind,
  metadata,
  spec,
});

const dashes = (part: string) => part.replaceAll('-', '--');

/** Name of a pod's WorkloadEndpoint: node, orchestrator, pod and interface, dashes doubled. */
export function endpointName(pod: LabPod): string {
  return `${dashes(pod.node)}-k8s-${dashes(pod.name)}-eth0`;
}

/** The WorkloadEndpoint that the CNI plugin writes for a pod. */
export function workloadEndpoint(pod: LabPod, topology: Pick<Topology, 'era'>): CalicoObject {
  return object(
    'WorkloadEndpoint',
    {
      name: endpointName(pod),
      namespace: pod.namespace,
      labels: {
        ...pod.labels,
        ...(topology.era === '2'
          ? { 'calico/k8s_ns': pod.namespace }
          : {
              'projectcalico.org/namespace': pod.namespace,
              'projectcalico.org/orchestrator': 'k8s',
              'projectcalico.org/serviceaccount': 'default',
            }),
      },
    },
    {
      orchestrator: 'k8s',
      node: pod.node,
      pod: pod.name,
      endpoint: 'eth0',
      containerID: createHash('sha256').update(`${pod.namespace}.${pod.name}`).digest('hex'),
      serviceAccountName: 'default',
      ipNetworks: [`${pod.ip}/32`],
      interfaceName: pod.interface,
      profiles: profilesOf(topology, pod.namespace),
      ...(pod.ports.length > 0 ? { ports: pod.ports.map(({ name, port }) => ({ name, port, protocol: 'TCP' })) } : {}),
    },
  );
}

/** The administrator's calicoctl: runs in the control plane's namespace. */
export function administratorCalicoctl(paths: LabPaths, topology: Topology, args: string[]): string[] {
  return [
    'nsenter',
    `--net=${paths.namespaceFile('control')}`,
    ...(topology.datastore === 'kubernetes'
      ? [
          'env',
          'DATASTORE_TYPE=kubernetes',
          `KUBECONFIG=${paths.adminKubeconfig}`,
          calicoProgram(topology, 'calicoctl'),
        ]
      : [calicoProgram(topology, 'calicoctl'), `--config=${paths.adminCalicoctl}`]),
    ...args,
  ];
}

/** Puts one key into Calico's etcd, for what calicoctl itself refuses to write. */
async function putKey(paths: LabPaths, key: string, value: unknown): Promise<void> {
  await run(
    [
      'nsenter',
      `--net=${paths.namespaceFile('control')}`,
      'env',
      'ETCDCTL_API=3',
      'etcdctl',
      `--endpoints=https://127.0.0.1:2379`,
      `--cacert=${paths.pki}/ca.crt`,
      `--cert=${paths.pki}/etcd-admin.crt`,
      `--key=${paths.pki}/etcd-admin.key`,
      'put',
      key,
    ],
    JSON.stringify(value),
  );
}

/** Applies objects with calicoctl as administrator. */
export async function applyCalico(paths: LabPaths, topology: Topology, objects: CalicoObject[]): Promise<void> {
  const file = `${paths.root}/apply-${randomUUID()}.yaml`;
  await writeFile(file, objects.map((one) => `---\n${stringify(one)}`).join(''));
  await run(administratorCalicoctl(paths, topology, ['apply', '-f', file]));
}

/** What calico-node writes of a node's own address, and of its tunnel device's. */
function nodeAddresses({ encap }: Topology, node: LabNode): Record<string, unknown> {
  const { device } = encapsulations[encap];
  const bgp = { ipv4Address: `${node.address}/${addresses.prefixLength}` };
  if (device === 'tunl0') return { bgp: { ...bgp, ipv4IPIPTunnelAddr: node.tunnelAddress } };
  return device === null
    ? { bgp }
    : { bgp, ipv4VXLANTunnelAddr: node.tunnelAddress, vxlanTunnelMACAddr: vxlanMac(node) };
}

/** A node's block of addresses, as Calico's IPAM keeps it: real Felix leads to it by the node that it belongs to. */
async function claimBlock(paths: LabPaths, { name, block }: LabNode): Promise<void> {
  const key = block.replace('/', '-');
  const size = 64;
  await putKey(paths, `/calico/ipam/v2/assignment/ipv4/block/${key}`, {
    cidr: block,
    affinity: `host:${name}`,
    allocations: Array.from({ length: size }, () => null),
    unallocated: Array.from({ length: size }, (_, at) => at),
    attributes: [],
    deleted: false,
  });
  await putKey(paths, `/calico/ipam/v2/host/${name}/ipv4/block/${key}`, { state: 'confirmed', deleted: false });
}

/** Pool, nodes and endpoints, and the ClusterInformation that says the datastore is ready. */
export async function fillCalicoDatastore(paths: LabPaths, topology: Topology): Promise<void> {
  await putKey(paths, '/calico/resources/v3/projectcalico.org/clusterinformations/default', {
    ...object(
      'ClusterInformation',
      { name: 'default', uid: randomUUID(), creationTimestamp: new Date().toISOString().replace(/\.\d+Z$/, 'Z') },
      { clusterGUID: randomUUID().replaceAll('-', ''), clusterType: 'k8s,bgp', datastoreReady: true },
    ),
  });
  if (topology.realPrograms !== null && encapsulations[topology.encap].backend === 'vxlan')
    await Promise.all(topology.nodes.map((node) => claimBlock(paths, node)));
  await applyCalico(paths, topology, [
    object(
      'IPPool',
      { name: 'default-pool' },
      {
        cidr: addresses.pool,
        blockSize: 26,
        ipipMode: encapsulations[topology.encap].ipipMode,
        vxlanMode: encapsulations[topology.encap].vxlanMode,
        natOutgoing: true,
        nodeSelector: 'all()',
      },
    ),
    ...topology.nodes.map((node) =>
      object(
        'Node',
        { name: node.name },
        {
          ...nodeAddresses(topology, node),
          orchRefs: [{ nodeName: node.name, orchestrator: 'k8s' }],
        },
      ),
    ),
    ...topology.pods.map((pod) => workloadEndpoint(pod, topology)),
  ]);
}
