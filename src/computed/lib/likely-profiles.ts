import type { Flow } from '../../model/flow.ts';
import type { Pod } from '../../model/kubernetes.ts';
import { oldNamespaceProfile, usualProfiles } from '../../calico/usual-profiles.ts';

/**
 * Returns the names of the profiles of both pods of a flow without asking the datastore: Felix hashes long names, and
 * only who knows a name recognises its chain.
 */
export function likelyProfiles(flow: Flow, pods: readonly Pod[]): readonly string[] {
  return [flow.source, flow.destination].flatMap(({ namespace, name }) => {
    if (namespace === null) return [];
    const pod = pods.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
    const serviceAccount = pod?.spec.serviceAccountName ?? 'default';
    return [...usualProfiles({ namespace, serviceAccount }), oldNamespaceProfile(namespace)];
  });
}
