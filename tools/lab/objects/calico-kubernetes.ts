import { randomUUID } from 'node:crypto';
import type { Administrator } from '../control-plane/api.ts';
import { addresses, type Topology } from '../topology.ts';
import { calicoGroup, calicoPath, ensureCalicoKinds } from './calico-crds.ts';

/** Creates an object of Calico's in the Kubernetes API. */
export async function ensureStored(
  api: Administrator,
  kind: string,
  name: string,
  spec: Record<string, unknown>,
  namespace: string | null = null,
): Promise<void> {
  await api.ensure(calicoPath(kind, namespace), {
    apiVersion: `${calicoGroup}/v1`,
    kind,
    metadata: { name, ...(namespace === null ? {} : { namespace }) },
    spec,
  });
}

/**
 * What calico-node, the CNI plugin and an installer would have written where the Kubernetes API is the datastore: pool,
 * blocks, annotations of the nodes, and the ClusterInformation that says the datastore is ready. Needs the nodes.
 */
export async function fillKubernetesDatastore(api: Administrator, topology: Topology): Promise<void> {
  await ensureCalicoKinds(api);
  await Promise.all([
    ensureStored(api, 'IPPool', 'default-pool', {
      cidr: addresses.pool,
      blockSize: 26,
      ipipMode: 'Always',
      vxlanMode: 'Never',
      natOutgoing: true,
      nodeSelector: 'all()',
      allowedUses: ['Workload', 'Tunnel'],
    }),
    ensureStored(api, 'FelixConfiguration', 'default', { bpfEnabled: false, logSeverityScreen: 'Info' }),
    ...topology.nodes.flatMap((node) => {
      const block = node.block.replaceAll(/[./]/g, '-');
      return [
        ensureStored(api, 'IPAMBlock', block, {
          cidr: node.block,
          affinity: `host:${node.name}`,
          strictAffinity: false,
        }),
        ensureStored(api, 'BlockAffinity', `${node.name}-${block}`, {
          cidr: node.block,
          node: node.name,
          state: 'confirmed',
          type: 'host',
          deleted: 'false',
        }),
        api.patch(`/api/v1/nodes/${node.name}`, {
          metadata: {
            annotations: {
              'projectcalico.org/IPv4Address': `${node.address}/${addresses.prefixLength}`,
              'projectcalico.org/IPv4IPIPTunnelAddr': node.tunnelAddress,
            },
          },
        }),
      ];
    }),
  ]);
  await ensureStored(api, 'ClusterInformation', 'default', {
    clusterGUID: randomUUID().replaceAll('-', ''),
    clusterType: 'k8s,kdd,bgp',
    datastoreReady: true,
  });
}
