/**
 * With the Kubernetes datastore, policies that are no objects of Calico's: Felix reads them from the Kubernetes API
 * itself.
 */
import type { ApiRead } from '../../model/api-reads.ts';
import type { DatastoreKind } from '../../model/datastore-kind.ts';
import type { KubernetesObject, NetworkPolicy } from '../../model/kubernetes.ts';
import { LookError } from '../../model/look-error.ts';
import type { ClusterReader } from '../../model/ports.ts';
import { fromKubernetes } from '../../policy/kubernetes-policy.ts';
import { evidenceOfAnswer } from '../../model/evidence-of.ts';
import { unavailableAnswer } from './evidence.ts';
import type { ReadPolicyObjects } from './policy-object-reading.ts';

/** More policies in one namespace than anybody reads. */
const listed = 500;
/** What administrators write for the whole cluster; Felix takes it since v3.29, and calicoctl shows none of it. */
const clusterKinds = [
  { apiVersion: 'policy.networking.k8s.io/v1alpha1', kind: 'AdminNetworkPolicy' },
  { apiVersion: 'policy.networking.k8s.io/v1alpha1', kind: 'BaselineAdminNetworkPolicy' },
  { apiVersion: 'policy.networking.k8s.io/v1alpha2', kind: 'ClusterNetworkPolicy' },
];

/** What `withKubernetesPolicies` reads, for the metadata of the probe that uses it. */
export const kubernetesPolicyReads: readonly ApiRead[] = [
  { verb: 'list', apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', where: 'cluster' },
  ...clusterKinds.map((one): ApiRead => ({ verb: 'list', ...one, where: 'cluster' })),
];

/**
 * With etcd, all that Felix reads is in there. Some versions of calicoctl list Kubernetes' policies beside Calico's,
 * others do not.
 * @throws LookError where it is not known which policies Felix has
 */
export async function withKubernetesPolicies(
  objects: ReadPolicyObjects,
  cluster: ClusterReader,
  namespace: string,
  kind: DatastoreKind['kind'],
): Promise<ReadPolicyObjects> {
  if (kind === 'etcdv3') return objects;
  if (kind === null)
    throw new LookError(
      'needed-fact-missing',
      'which datastore Calico uses is not known, and so whether it holds every policy',
    );
  const [policies, ...others] = await Promise.all([
    cluster.list<NetworkPolicy>({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      namespace,
      limit: listed,
    }),
    ...clusterKinds.map((one) => cluster.list<KubernetesObject>({ ...one, limit: 1 })),
  ]);
  if (!policies.ok) throw lookErrorOf(unavailableAnswer(policies));
  if (policies.value.length >= listed)
    throw new LookError('output-too-large', `namespace ${namespace} has more policies than may be read`);
  for (const answer of others) {
    // A kind that nobody installed has no objects.
    if (!answer.ok && answer.status !== 404) throw lookErrorOf(unavailableAnswer(answer));
    if (answer.ok && answer.value.length > 0)
      throw new LookError(
        'not-supported',
        `${answer.request} has policies for the whole cluster, which are not understood here`,
      );
  }
  const known = new Set(objects.policies.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
  const converted = policies.value
    .map(fromKubernetes)
    .filter(({ metadata }) => !known.has(`${metadata.namespace}/${metadata.name}`));
  return {
    ...objects,
    policies: [...objects.policies, ...converted],
    evidence: [
      ...objects.evidence,
      evidenceOfAnswer(policies, policies.value.map(({ metadata }) => metadata.name).join('\n') || 'none'),
    ],
  };
}

function lookErrorOf({ code, reason }: ReturnType<typeof unavailableAnswer>): LookError {
  return new LookError(code, reason);
}
