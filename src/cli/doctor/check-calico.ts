import { createClock } from '../../adapters/clock.ts';
import { computed } from '../../computed/registry.ts';
import { startGathering } from '../../engine/gather.ts';
import { setupOf } from '../../engine/setup.ts';
import { declaredReader } from '../../model/api-reads.ts';
import type { ClusterAccess } from '../../model/cluster-access.ts';
import type { Pod } from '../../model/kubernetes.ts';
import type { ClusterReader, NodeShells } from '../../model/ports.ts';
import { probes } from '../../probes/registry.ts';
import { allReads } from '../../setup/all-reads.ts';
import { ok, type Check } from '../../setup/check.ts';

/** Pods of which one with an address of its own is taken. */
const asked = 50;

/**
 * Says how Calico was installed and what it runs with, as a diagnosis of any running pod reads it: nothing is sent.
 * @returns nothing where Calico was not found
 */
export async function checkCalico(
  access: Pick<ClusterAccess, 'calicoNamespaces'> & { readonly cluster: ClusterReader; readonly shells: NodeShells },
  cluster: string,
): Promise<readonly Check[]> {
  const reader = declaredReader(access.cluster, allReads, [], 'doctor');
  const pods = await reader.list<Pod>({ apiVersion: 'v1', kind: 'Pod', limit: asked });
  const pod = pods.ok
    ? pods.value.find(({ spec, status }) => status?.phase === 'Running' && !spec.hostNetwork && spec.nodeName)
    : undefined;
  const { name = 'none', namespace = 'default' } = pod?.metadata ?? {};
  const gathering = startGathering(
    { ...access, probes, computed, clock: createClock() },
    { cluster, namespace, pod: name, from: null, port: null },
    'r-doctor',
    new AbortController().signal,
  );
  const setup = await setupOf(gathering);
  return setup === null || setup.install === 'unknown' ? [] : [ok('Calico', setup.summary.replace(/^Calico /, ''))];
}
