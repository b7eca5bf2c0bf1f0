import type { Administrator } from '../control-plane/api.ts';
import { typhaProcess } from '../nodes/daemons.ts';
import { insideNode } from '../nodes/machine.ts';
import { typhaPort, typhaReadiness, typhaService } from '../objects/typha.ts';
import type { LabPaths } from '../paths.ts';
import { isStopped, processPid } from '../processes.ts';
import { attempt } from '../run.ts';
import { calicoNamespace, type LabNode, type Topology } from '../topology.ts';

/** What the readiness probe of a kubelet learns: a Typha that has not read the whole datastore is not ready. */
export async function isTyphaInSync(paths: LabPaths, node: LabNode): Promise<boolean> {
  const probe = ['curl', '-fsS', '-o', '/dev/null', '--max-time', '2', typhaReadiness];
  return (await attempt(insideNode(paths, node.name, probe))).status === 0;
}

/** The one endpoint of the Service, as the controller of endpoint slices keeps it; none without a pod. */
export async function sayTyphaEndpoints(
  paths: LabPaths,
  api: Administrator,
  topology: Topology,
  node: LabNode,
  isReady: boolean,
): Promise<void> {
  const slices = `/apis/discovery.k8s.io/v1/namespaces/${calicoNamespace(topology)}/endpointslices`;
  const there = processPid(paths, typhaProcess) !== null || isStopped(paths, typhaProcess);
  const endpoints = there ? [{ addresses: [node.address], conditions: { ready: isReady } }] : [];
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
