/** Calico's policies, tiers and network sets as the API server has them, where that is Calico's datastore. */
import { asCalicoShows } from '../../calico/kubernetes-datastore.ts';
import type { ApiRead } from '../../model/api-reads.ts';
import { calicoApis, type KubernetesDatastore } from '../../model/datastore-kind.ts';
import { evidenceOfAnswer } from '../../model/evidence-of.ts';
import type { KubernetesObject } from '../../model/kubernetes.ts';
import { LookError } from '../../model/look-error.ts';
import type { ApiAnswer, ClusterReader } from '../../model/ports.ts';
import { checkedNetworkSets, checkedPolicies, checkedTiers } from '../parse/calico-policies.ts';
import { unavailableAnswer } from './evidence.ts';
import type { ReadPolicyObjects } from './policy-object-reading.ts';
import { policyLines } from './policy-lines.ts';

/** More of a kind than anybody reads. */
const listed = 2000;
const kinds = ['NetworkPolicy', 'GlobalNetworkPolicy', 'Tier', 'NetworkSet', 'GlobalNetworkSet'] as const;
type Kind = (typeof kinds)[number];

export const calicoPolicyReads: readonly ApiRead[] = calicoApis.flatMap((apiVersion) =>
  kinds.map((kind): ApiRead => ({ verb: 'list', apiVersion, kind, where: 'cluster' })),
);

/**
 * @param namespace of the endpoint that is judged
 * @throws LookError where one of them could not be read: half of the policies are worse than none
 */
export async function readStoredPolicyObjects(
  cluster: ClusterReader,
  { api: apiVersion }: KubernetesDatastore,
  namespace: string,
): Promise<ReadPolicyObjects> {
  const list = async (kind: Kind, of?: string) => {
    const asked = { apiVersion, kind, limit: listed, ...(of === undefined ? {} : { namespace: of }) };
    const answer = await cluster.list<KubernetesObject>(asked);
    return { answer, objects: objectsOf(answer, kind).map((one) => asCalicoShows(one, apiVersion)) };
  };
  const [policies, globalPolicies, tiers, sets, globalSets] = await Promise.all([
    list('NetworkPolicy', namespace),
    list('GlobalNetworkPolicy'),
    list('Tier'),
    list('NetworkSet'),
    list('GlobalNetworkSet'),
  ]);
  const found = [policies, globalPolicies].map(({ answer, objects }) => checkedPolicies(objects, answer.request));
  const foundTiers = checkedTiers(tiers.objects, tiers.answer.request);
  return {
    policies: found.flat(),
    tiers: foundTiers,
    networkSets: [sets, globalSets].flatMap(({ answer, objects }) => checkedNetworkSets(objects, answer.request)),
    unreadNamespaces: [],
    evidence: [
      ...[policies, globalPolicies].map(({ answer }, at) => evidenceOfAnswer(answer, policyLines(found[at] ?? []))),
      evidenceOfAnswer(tiers.answer, policyLines(foundTiers)),
    ],
  };
}

/** A version of Calico that does not have a kind does not serve it. */
function objectsOf(answer: ApiAnswer<readonly KubernetesObject[]>, kind: Kind): readonly KubernetesObject[] {
  if (answer.ok) {
    if (answer.value.length >= listed)
      throw new LookError('output-too-large', `${answer.request} has more of ${kind} than may be read`);
    return answer.value;
  }
  if (answer.status === 404) return [];
  const { code, reason } = unavailableAnswer(answer);
  throw new LookError(code, reason);
}
