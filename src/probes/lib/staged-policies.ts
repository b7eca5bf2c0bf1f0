/** Policies that are staged: stored beside the others, and not in force. */
import { asCalicoShows } from '../../calico/kubernetes-datastore.ts';
import type { ApiRead } from '../../model/api-reads.ts';
import type { StagedPolicy, StoredPolicies } from '../../model/calico.ts';
import { calicoApis, type DatastoreKind } from '../../model/datastore-kind.ts';
import type { KubernetesObject, NetworkPolicy } from '../../model/kubernetes.ts';
import { LookError } from '../../model/look-error.ts';
import type { ClusterReader } from '../../model/ports.ts';
import { fromKubernetes } from '../../policy/kubernetes-policy.ts';
import { checkedPolicies } from '../parse/calico-policies.ts';
import { unavailableAnswer } from './evidence.ts';

/** More of a kind than anybody reads. */
const listed = 500;
const kinds = ['StagedNetworkPolicy', 'StagedGlobalNetworkPolicy', 'StagedKubernetesNetworkPolicy'] as const;

export const stagedPolicyReads: readonly ApiRead[] = calicoApis.flatMap((apiVersion) =>
  kinds.map((kind): ApiRead => ({ verb: 'list', apiVersion, kind, where: 'cluster' })),
);

type Staged = KubernetesObject & { readonly spec?: { readonly stagedAction?: string } };

/**
 * Resolves to the staged policies of a namespace and the global ones. Nothing is decided by them, so what could not be
 * read is said and never thrown.
 */
export async function readStagedPolicies(
  cluster: ClusterReader,
  home: DatastoreKind,
  namespace: string,
): Promise<StoredPolicies['staged']> {
  if (home.kind !== 'kubernetes') return { unread: 'they are read only where Kubernetes is the datastore of Calico' };
  const { api: apiVersion } = home;
  try {
    const found = await Promise.all(
      kinds.map(async (kind) => {
        const where = kind === 'StagedGlobalNetworkPolicy' ? {} : { namespace };
        const answer = await cluster.list<Staged>({ apiVersion, kind, limit: listed, ...where });
        // A version of Calico that does not have the kind does not serve it.
        if (!answer.ok && answer.status === 404) return [];
        if (!answer.ok) throw new LookError('api-forbidden', unavailableAnswer(answer).reason);
        if (answer.value.length >= listed)
          throw new LookError('output-too-large', `${answer.request} has more than may be read`);
        return staged(answer.value, kind, apiVersion, answer.request);
      }),
    );
    return found.flat();
  } catch (error) {
    if (error instanceof LookError) return { unread: error.message };
    throw error;
  }
}

function staged(
  objects: readonly Staged[],
  kind: (typeof kinds)[number],
  api: (typeof calicoApis)[number],
  what: string,
): readonly StagedPolicy[] {
  const shown = objects.map((one) => asCalicoShows(one, api));
  const policies = shown.map((one) =>
    kind === 'StagedKubernetesNetworkPolicy' ? fromKubernetes({ spec: {}, ...one } as NetworkPolicy) : one,
  );
  return checkedPolicies(
    policies.map((one) => ({ ...one, kind })),
    what,
  ).map((policy, at) => ({ ...policy, stagedAction: objects[at]?.spec?.stagedAction ?? null }));
}
