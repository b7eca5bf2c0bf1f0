/**
 * With the Kubernetes datastore, policies that are no objects of Calico's: Felix reads them from the Kubernetes API
 * itself.
 */
import type { ApiRead } from '../../model/api-reads.ts';
import type { DatastoreKind } from '../../model/datastore-kind.ts';
import type { ClusterPolicy, ClusterPolicyKind, NetworkPolicy } from '../../model/kubernetes.ts';
import { LookError } from '../../model/look-error.ts';
import type { ApiAnswer, ClusterReader } from '../../model/ports.ts';
import { enforces, fromClusterPolicy } from '../../policy/cluster-policy.ts';
import { fromKubernetes } from '../../policy/kubernetes-policy.ts';
import { evidenceOfAnswer } from '../../model/evidence-of.ts';
import type { CalicoPolicy } from '../../model/calico.ts';
import { unavailableAnswer } from './evidence.ts';
import type { ReadPolicyObjects } from './policy-object-reading.ts';

/** More policies in one namespace than anybody reads. */
const listed = 500;
/** Policies that administrators write for the whole cluster. Felix enforces them since v3.29; calicoctl shows none. */
const clusterKinds: readonly { readonly apiVersion: string; readonly kind: ClusterPolicyKind }[] = [
  { apiVersion: 'policy.networking.k8s.io/v1alpha1', kind: 'AdminNetworkPolicy' },
  { apiVersion: 'policy.networking.k8s.io/v1alpha1', kind: 'BaselineAdminNetworkPolicy' },
  { apiVersion: 'policy.networking.k8s.io/v1alpha2', kind: 'ClusterNetworkPolicy' },
];

/** What `withKubernetesPolicies` reads, for the metadata of the probe that uses it. */
export const kubernetesPolicyReads: readonly ApiRead[] = [
  { verb: 'list', apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', where: 'cluster' },
  ...clusterKinds.map((one): ApiRead => ({ verb: 'list', ...one, where: 'cluster' })),
];

interface KubernetesPolicySource {
  readonly kind: DatastoreKind['kind'];
  /** Resolves to the version of Calico; null: not known. Asked only if there are policies for the whole cluster. */
  readonly version: () => Promise<string | null>;
}

/**
 * With etcd, all that Felix reads is in there. Some versions of calicoctl list Kubernetes' policies beside Calico's,
 * others do not.
 * @throws LookError where it is not known which policies Felix has
 */
export async function withKubernetesPolicies(
  objects: ReadPolicyObjects,
  cluster: ClusterReader,
  namespace: string,
  { kind, version }: KubernetesPolicySource,
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
    ...clusterKinds.map((one) => cluster.list<ClusterPolicy>({ ...one, limit: listed })),
  ]);
  if (!policies.ok) throw lookErrorOf(unavailableAnswer(policies));
  if (policies.value.length >= listed)
    throw new LookError('output-too-large', `namespace ${namespace} has more policies than may be read`);
  const clusterWide = await Promise.all(
    others.map((answer, at) => clusterPolicies(answer, clusterKinds[at]?.kind ?? 'ClusterNetworkPolicy', version)),
  );
  const known = new Set(objects.policies.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
  const converted = policies.value
    .map(fromKubernetes)
    .filter(({ metadata }) => !known.has(`${metadata.namespace}/${metadata.name}`));
  return {
    ...objects,
    policies: [...objects.policies, ...converted, ...clusterWide.flat()],
    evidence: [
      ...objects.evidence,
      ...[policies, ...others].flatMap((answer) =>
        answer.ok
          ? [evidenceOfAnswer(answer, answer.value.map(({ metadata }) => metadata.name).join('\n') || 'none')]
          : [],
      ),
    ],
  };
}

/** Those that this version of Calico enforces. */
async function clusterPolicies(
  answer: ApiAnswer<readonly ClusterPolicy[]>,
  kind: ClusterPolicyKind,
  version: KubernetesPolicySource['version'],
): Promise<readonly CalicoPolicy[]> {
  // A cluster without the kind's definition has no objects of it.
  if (!answer.ok && answer.status === 404) return [];
  if (!answer.ok) throw lookErrorOf(unavailableAnswer(answer));
  if (answer.value.length === 0) return [];
  if (answer.value.length >= listed)
    throw new LookError('output-too-large', `the cluster has more of ${kind} than may be read`);
  const found = await version();
  const enforced = found === null ? null : enforces(found, kind);
  if (enforced === null)
    throw new LookError(
      'needed-fact-missing',
      `the cluster has policies of kind ${kind}, and only the version of Calico, which is not known, says whether ` +
        'they count',
    );
  return enforced ? answer.value.map((one) => fromClusterPolicy(kind, one)).filter((one) => one !== null) : [];
}

function lookErrorOf({ code, reason }: ReturnType<typeof unavailableAnswer>): LookError {
  return new LookError(code, reason);
}
