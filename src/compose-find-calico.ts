import { createClock } from './adapters/clock.ts';
import { computed } from './computed/registry.ts';
import { startGathering } from './engine/gather.ts';
import { setupOf } from './engine/setup.ts';
import { declaredReader } from './model/api-reads.ts';
import { defaultCalicoNamespaces } from './model/calico-components.ts';
import type { ClusterAccess } from './model/cluster-access.ts';
import type { Pod } from './model/kubernetes.ts';
import type { ClusterReader, NodeShells } from './model/ports.ts';
import { probes } from './probes/registry.ts';
import { allReads } from './setup/all-reads.ts';
import { limited, ok, type Check } from './setup/check.ts';

interface FoundCalico {
  readonly checks: readonly Check[];
  /** null: nothing says it. */
  readonly datastore: 'etcdv3' | 'kubernetes' | null;
}

/** Pods of which one with an address of its own is taken. */
const asked = 50;
const limitMs = 20_000;

/**
 * Finds how Calico was installed and what it runs with, as a diagnosis of any running pod reads it: nothing is sent.
 * What may not be read is no check of its own: it is told with the rights.
 */
export async function findCalico(
  access: Pick<ClusterAccess, 'calicoNamespaces'> & { readonly cluster: ClusterReader; readonly shells: NodeShells },
  cluster: string,
): Promise<FoundCalico> {
  const { calicoNamespaces = defaultCalicoNamespaces, shells } = access;
  const reader = declaredReader(access.cluster, allReads, [], 'doctor');
  const pods = await reader.list<Pod>({ apiVersion: 'v1', kind: 'Pod', limit: asked });
  const pod = pods.ok
    ? pods.value.find(({ spec, status }) => status?.phase === 'Running' && !spec.hostNetwork && spec.nodeName)
    : undefined;
  const { name = 'none', namespace = 'default' } = pod?.metadata ?? {};
  const gathering = startGathering(
    { probes, computed, cluster: access.cluster, shells, clock: createClock(), calicoNamespaces },
    { cluster, namespace, pod: name, from: null, port: null },
    'r-doctor',
    AbortSignal.timeout(limitMs),
  );
  const [install, setup] = await Promise.all([gathering.fact('install'), setupOf(gathering)]);
  const datastore = setup?.datastore ?? null;
  if (install.status === 'unavailable') return { checks: [], datastore };
  if (install.value.node !== null && setup !== null)
    return { checks: [ok('Calico', setup.summary.replace(/^Calico /, ''))], datastore };
  const trouble = {
    text: `${calicoNamespaces.join(', ')} have no calico-node: what is Calico's own there is not recognised`,
    next: 'Run kubectl get daemonsets -A, and set CALICO_NAMESPACES to the namespace of calico-node',
  };
  return { checks: [limited('Calico', trouble)], datastore };
}
