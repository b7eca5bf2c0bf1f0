import type { Administrator } from '../control-plane/api.ts';
import { typhaProcess } from '../nodes/daemons.ts';
import { typhaPort, typhaService } from '../objects/typha.ts';
import type { LabPaths } from '../paths.ts';
import { isStopped, processPid } from '../processes.ts';
import { calicoNamespace, type LabNode, type Topology } from '../topology.ts';

/** Is Typha's program up, and not kept down? */
const isUp = (paths: LabPaths) => processPid(paths, typhaProcess) !== null && !isStopped(paths, typhaProcess);

/** The one endpoint of the Service, as the controller of endpoint slices keeps it; none without a pod. */
export async function sayTyphaEndpoints(
  paths: LabPaths,
  api: Administrator,
  topology: Topology,
  node: LabNode,
): Promise<void> {
  const slices = `/apis/discovery.k8s.io/v1/namespaces/${calicoNamespace(topology)}/endpointslices`;
  const there = processPid(paths, typhaProcess) !== null || isStopped(paths, typhaProcess);
  const endpoints = there ? [{ addresses: [node.address], conditions: { ready: isUp(paths) } }] : [];
  const path = `${slices}/${typhaService}-lab`;
  const slice = await api.find(path);
  if (slice === null) {
    await api.create(slices, {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `${typhaService}-lab`, labels: { 'kubernetes.io/service-name': typhaService } },
      addressType: 'IPv4',
      ports: [{ name: typhaService, port: typhaPort, protocol: 'TCP' }],
      endpoints,
    });
  } else if (JSON.stringify(slice['endpoints'] ?? []) !== JSON.stringify(endpoints)) {
    await api.patch(path, { endpoints });
  }
}
