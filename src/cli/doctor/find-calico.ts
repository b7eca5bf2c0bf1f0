import { computed } from '../../computed/registry.ts';
import { startGathering } from '../../engine/gather.ts';
import type { ClusterAccess } from '../../model/cluster-access.ts';
import { defaultCalicoNamespaces } from '../../model/calico-components.ts';
import { installWords } from '../../model/install.ts';
import { probes } from '../../probes/registry.ts';
import { limited, ok, type Check } from '../../setup/check.ts';

interface FoundCalico {
  readonly checks: readonly Check[];
  /** null: nothing says it. */
  readonly datastore: 'etcdv3' | 'kubernetes' | null;
}

/** Reads through the API server how Calico is installed, as a diagnosis does. These facts are of no pod. */
export async function findCalico(access: ClusterAccess): Promise<FoundCalico> {
  const { calicoNamespaces = defaultCalicoNamespaces, cluster, shells, clock } = access;
  const gathering = startGathering(
    { probes, computed, cluster, shells, clock, calicoNamespaces },
    { cluster: 'default', namespace: 'default', pod: 'none', from: null, port: null },
    'doctor',
    AbortSignal.timeout(20_000),
  );
  const [install, home] = await Promise.all([gathering.fact('install'), gathering.fact('datastore-kind')]);
  const datastore = home.status === 'observed' ? home.value.kind : null;
  // What may not be read is told with the rights.
  if (install.status === 'unavailable') return { checks: [], datastore };
  const stored = { kubernetes: ', its datastore is Kubernetes', etcdv3: ', its datastore is etcd', none: '' };
  if (install.value.node !== null)
    return { checks: [ok('Calico', `${installWords(install.value)}${stored[datastore ?? 'none']}`)], datastore };
  const trouble = {
    text: `${calicoNamespaces.join(', ')} have no calico-node: what is Calico's own there is not recognised`,
    next: 'Run kubectl get daemonsets -A, and set CALICO_NAMESPACES to the namespace of calico-node',
  };
  return { checks: [limited('Calico', trouble)], datastore };
}
