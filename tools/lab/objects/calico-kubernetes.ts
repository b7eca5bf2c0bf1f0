import { randomUUID } from 'node:crypto';
import type { Administrator } from '../control-plane/api.ts';
import { block6, ipv6Of, isDual, pool6, poolName6, prefixLength6, tunnelAddress6, vxlanMac6 } from '../dual-stack.ts';
import { encapsulations, vxlanMac } from '../encapsulation.ts';
import { addresses, type LabNode, type Topology } from '../topology.ts';
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

/** What calico-node writes of a node's tunnel device. */
function tunnelAnnotations({ encap }: Topology, node: LabNode): Readonly<Record<string, string>> {
  const { device } = encapsulations[encap];
  if (device === null) return {};
  return device === 'tunl0'
    ? { 'projectcalico.org/IPv4IPIPTunnelAddr': node.tunnelAddress }
    : {
        'projectcalico.org/IPv4VXLANTunnelAddr': node.tunnelAddress,
        'projectcalico.org/VXLANTunnelMACAddr': vxlanMac(node),
      };
}

function annotations6(node: LabNode): Readonly<Record<string, string>> {
  return {
    'projectcalico.org/IPv6Address': `${ipv6Of(node.address)}/${prefixLength6}`,
    'projectcalico.org/IPv6VXLANTunnelAddr': tunnelAddress6(node),
    'projectcalico.org/VXLANTunnelMACAddrV6': vxlanMac6(node),
  };
}

/** A block of pods' addresses, and that it is the node's. */
async function ensureBlock(api: Administrator, node: LabNode, cidr: string): Promise<void> {
  const name = cidr.replaceAll(/[.:/]/g, '-');
  await ensureStored(api, 'IPAMBlock', name, { cidr, affinity: `host:${node.name}`, strictAffinity: false });
  await ensureStored(api, 'BlockAffinity', `${node.name}-${name}`, {
    cidr,
    node: node.name,
    state: 'confirmed',
    type: 'host',
    deleted: 'false',
  });
}

/** Those of every cluster (libcalico-go names/policy.go; orders of api v3 tier.go). */
const tiers = [
  { name: 'kube-admin', order: 1000, defaultAction: 'Pass' },
  { name: 'default', order: 1_000_000, defaultAction: 'Deny' },
  { name: 'kube-baseline', order: 10_000_000, defaultAction: 'Pass' },
] as const;

/**
 * What calico-node, the CNI plugin and an installer would have written where the Kubernetes API is the datastore: pool,
 * blocks, annotations of the nodes, and the ClusterInformation that says the datastore is ready. Needs the nodes.
 */
export async function fillKubernetesDatastore(api: Administrator, topology: Topology): Promise<void> {
  await ensureCalicoKinds(api);
  const { ipipMode, vxlanMode } = encapsulations[topology.encap];
  await Promise.all([
    ...[
      { name: 'default-pool', cidr: addresses.pool, blockSize: 26 },
      ...(isDual(topology) ? [{ name: poolName6, cidr: pool6, blockSize: 122 }] : []),
    ].map(({ name, ...pool }) =>
      ensureStored(api, 'IPPool', name, {
        ...pool,
        ipipMode,
        vxlanMode,
        natOutgoing: true,
        nodeSelector: 'all()',
        allowedUses: ['Workload', 'Tunnel'],
      }),
    ),
    ensureStored(api, 'FelixConfiguration', 'default', { bpfEnabled: false, logSeverityScreen: 'Info' }),
    // Real programs write them themselves.
    ...(topology.realPrograms === null ? tiers : []).map(({ name, ...tier }) => ensureStored(api, 'Tier', name, tier)),
    ...topology.nodes.flatMap((node) => [
      ensureBlock(api, node, node.block),
      ...(isDual(topology) ? [ensureBlock(api, node, block6(node))] : []),
      api.patch(`/api/v1/nodes/${node.name}`, {
        metadata: {
          annotations: {
            'projectcalico.org/IPv4Address': `${node.address}/${addresses.prefixLength}`,
            ...tunnelAnnotations(topology, node),
            ...(isDual(topology) ? annotations6(node) : {}),
          },
        },
      }),
    ]),
  ]);
  await ensureStored(api, 'ClusterInformation', 'default', {
    clusterGUID: randomUUID().replaceAll('-', ''),
    clusterType: 'k8s,kdd,bgp',
    datastoreReady: true,
  });
}
