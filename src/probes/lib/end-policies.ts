/** The policies that judge one endpoint, from wherever Calico keeps them. */
import { clusterInformationReads } from '../../calico/cluster-information.ts';
import type { ApiRead } from '../../model/api-reads.ts';
import type { DatastoreKind } from '../../model/datastore-kind.ts';
import type { ClusterReader } from '../../model/ports.ts';
import { storedVersion } from './kubernetes-datastore.ts';
import { kubernetesPolicyReads, withKubernetesPolicies } from './kubernetes-policies.ts';
import { readPolicyObjects, type ReadPolicyObjects, type RunPolicyCommand } from './policy-object-reading.ts';
import { calicoPolicyReads, readStoredPolicyObjects } from './stored-policy-objects.ts';

/** What `readEndPolicies` reads, for the metadata of the probes that use it. */
export const endPolicyReads: readonly ApiRead[] = [
  ...kubernetesPolicyReads,
  ...calicoPolicyReads,
  ...clusterInformationReads,
];

export interface PolicySource {
  readonly cluster: ClusterReader;
  readonly home: DatastoreKind;
  /** Runs a command on a node; only where Kubernetes is not known to be the datastore. */
  readonly run: RunPolicyCommand;
  /** By what the cluster or a node says. */
  readonly kind: () => Promise<DatastoreKind['kind']>;
}

/**
 * @param namespace of the endpoint that is judged
 * @param namespaces of both ends
 * @throws LookError where one of the kinds could not be read
 */
export async function readEndPolicies(
  { cluster, home, run, kind }: PolicySource,
  namespace: string,
  namespaces: readonly string[],
): Promise<ReadPolicyObjects> {
  const read = await (home.kind === 'kubernetes'
    ? readStoredPolicyObjects(cluster, home, namespace)
    : readPolicyObjects(run, namespace, namespaces));
  return withKubernetesPolicies(read, cluster, namespace, {
    kind: await kind(),
    version: () => storedVersion(cluster, home),
  });
}
