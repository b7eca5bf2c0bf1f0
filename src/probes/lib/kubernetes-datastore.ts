/** What calicoctl is asked for elsewhere, read through the API server where that is Calico's datastore. */
import {
  clusterInformationIn,
  clusterInformationReads,
  settingsName,
  type ClusterInformation,
} from '../../calico/cluster-information.ts';
import { bpfOf, type BpfSettings } from '../../calico/felix-settings.ts';
import {
  calicoNodeOf,
  endpointOfPod,
  profileOfAccount,
  profileOfNamespace,
} from '../../calico/kubernetes-datastore.ts';
import type { ApiRead } from '../../model/api-reads.ts';
import type { CalicoNodeLookup, IPPool, ProfileLookup } from '../../model/calico.ts';
import type { Datastore } from '../../model/control-plane.ts';
import { calicoApis, type DatastoreKind, type KubernetesDatastore } from '../../model/datastore-kind.ts';
import { observed, unavailable, type Evidence, type Fact } from '../../model/evidence.ts';
import { evidenceOfAnswer } from '../../model/evidence-of.ts';
import type { KubernetesNode, KubernetesObject, Namespace, Pod } from '../../model/kubernetes.ts';
import type { ApiAnswer, ClusterReader } from '../../model/ports.ts';
import { unavailableAnswer } from './evidence.ts';
import type { LookedUpEndpoint } from './endpoint-lookup.ts';

interface FelixConfiguration extends KubernetesObject {
  readonly spec?: BpfSettings;
}
type StoredPool = IPPool & KubernetesObject;

/** More pools than any cluster has. */
const mostPools = 1000;

export const datastoreReads: readonly ApiRead[] = calicoApis.flatMap((apiVersion): readonly ApiRead[] => [
  { verb: 'get', apiVersion, kind: 'FelixConfiguration', where: 'cluster', names: [settingsName] },
  { verb: 'list', apiVersion, kind: 'IPPool', where: 'cluster' },
  ...clusterInformationReads.filter((read) => read.apiVersion === apiVersion),
]);

/** Resolves to the datastore's state and pools. */
export async function readKubernetesDatastore(
  cluster: ClusterReader,
  { api: apiVersion }: KubernetesDatastore,
): Promise<{ readonly datastore: Fact<Datastore>; readonly pools: Fact<readonly IPPool[]> }> {
  const [information, felix, pools] = await Promise.all([
    cluster.read<ClusterInformation>(clusterInformationIn(apiVersion)),
    cluster.read<FelixConfiguration>({ apiVersion, kind: 'FelixConfiguration', name: settingsName }),
    cluster.list<StoredPool>({ apiVersion, kind: 'IPPool', limit: mostPools }),
  ]);
  const poolFact = poolsOf(pools);
  if (!information.ok && information.status !== 404)
    return { datastore: unavailableAnswer(information), pools: poolFact };
  if (!information.ok && pools.ok && pools.value.length === 0) {
    const none = unavailable(
      'not-credible',
      `the API server has neither ClusterInformation nor IP pools of ${apiVersion}: Calico keeps its objects elsewhere`,
      [evidenceOfAnswer(information, information.reason), evidenceOfAnswer(pools, 'none')],
    );
    return { datastore: none, pools: none };
  }
  const { datastoreReady, calicoVersion } = (information.ok ? information.value.spec : undefined) ?? {};
  const datastore: Datastore = {
    node: null,
    kind: 'kubernetes',
    reachable: true,
    error: null,
    clientVersion: null,
    clusterVersion: calicoVersion ?? null,
    state: datastoreReady === undefined ? 'unknown' : datastoreReady ? 'ready' : 'locked',
    ...(felix.ok ? bpfOf(felix.value.spec) : {}),
  };
  const shown = information.ok ? `datastoreReady: ${datastoreReady ?? 'not said'}` : information.reason;
  return { datastore: observed(datastore, [evidenceOfAnswer(information, shown)]), pools: poolFact };
}

/** Resolves to the version that calico-node wrote into ClusterInformation; null: the datastore is not read here. */
export async function storedVersion(cluster: ClusterReader, home: DatastoreKind): Promise<string | null> {
  if (home.kind !== 'kubernetes') return null;
  const { api: apiVersion } = home;
  const found = await cluster.read<ClusterInformation>(clusterInformationIn(apiVersion));
  return (found.ok ? found.value.spec?.calicoVersion : undefined) ?? null;
}

/** The API server of an old Calico does not check what it stores. */
function poolsOf(answer: ApiAnswer<readonly Partial<StoredPool>[]>): Fact<readonly IPPool[]> {
  if (!answer.ok) return unavailableAnswer(answer);
  const pools = answer.value.filter((one): one is StoredPool => typeof one.spec?.cidr === 'string');
  return observed(pools, [evidenceOfAnswer(answer, pools.map(poolWords).join('\n') || 'none')]);
}

function poolWords({ metadata, spec }: IPPool): string {
  return `${metadata.name}: ${Object.entries(spec)
    .map(([field, value]) => `${field} ${value}`)
    .join(', ')}`;
}

export const kubernetesEndpointReads: readonly ApiRead[] = [
  { verb: 'get', apiVersion: 'v1', kind: 'Namespace', where: 'cluster' },
  { verb: 'get', apiVersion: 'v1', kind: 'ServiceAccount', where: 'cluster' },
];

/**
 * Resolves to the endpoint that Calico makes of a pod, and to the profiles of its namespace and account.
 * @param evidence of the pod
 */
export async function lookUpKubernetesEndpoint(
  cluster: ClusterReader,
  pod: Pod,
  evidence: readonly Evidence[],
  { interfacePrefix }: KubernetesDatastore,
): Promise<LookedUpEndpoint> {
  const endpoint = endpointOfPod(pod, interfacePrefix);
  if (endpoint === null) return { endpoint: observed(null, evidence), profiles: observed([], evidence) };
  const namespace = pod.metadata.namespace ?? 'default';
  const account = endpoint.spec.serviceAccountName;
  const [ofNamespace, ofAccount] = await Promise.all([
    cluster.read<Namespace>({ apiVersion: 'v1', kind: 'Namespace', name: namespace }),
    account === undefined
      ? null
      : cluster.read<KubernetesObject>({ apiVersion: 'v1', kind: 'ServiceAccount', namespace, name: account }),
  ]);
  const answers = [
    { name: `kns.${namespace}`, answer: ofNamespace, profile: profileOfNamespace },
    ...(ofAccount === null
      ? []
      : [{ name: `ksa.${namespace}.${account}`, answer: ofAccount, profile: profileOfAccount }]),
  ];
  const profiles: ProfileLookup[] = [];
  const seen: Evidence[] = [];
  for (const { name, answer, profile } of answers) {
    if (!answer.ok && answer.status !== 404)
      return { endpoint: observed(endpoint, evidence), profiles: unavailableAnswer(answer) };
    profiles.push({ name, profile: answer.ok ? profile(answer.value) : null });
    seen.push(evidenceOfAnswer(answer, profileWords(name, answer)));
  }
  return { endpoint: observed(endpoint, evidence), profiles: observed(profiles, [...seen, ...evidence]) };
}

function profileWords(name: string, answer: ApiAnswer<KubernetesObject>): string {
  if (!answer.ok) return `${answer.reason}: there is no profile ${name}`;
  return `profile ${name}, labels ${JSON.stringify(answer.value.metadata.labels ?? {})}`;
}

export const kubernetesNodeReads: readonly ApiRead[] = [
  { verb: 'get', apiVersion: 'v1', kind: 'Node', where: 'cluster' },
];

/** Resolves to Calico's objects of nodes; unavailable where one could not be read. */
export async function readKubernetesNodes(
  cluster: ClusterReader,
  names: readonly string[],
): Promise<Fact<readonly CalicoNodeLookup[]>> {
  const answers = await Promise.all(
    names.map((name) => cluster.read<KubernetesNode>({ apiVersion: 'v1', kind: 'Node', name })),
  );
  const lookups: CalicoNodeLookup[] = [];
  const evidence: Evidence[] = [];
  for (const [at, answer] of answers.entries()) {
    if (!answer.ok && answer.status !== 404) return unavailableAnswer(answer);
    lookups.push({ node: names[at] ?? '', object: answer.ok ? calicoNodeOf(answer.value) : null });
    const shown = answer.ok
      ? Object.entries(answer.value.metadata.annotations ?? {}).map(([name, value]) => `${name}: ${value}`)
      : [answer.reason];
    evidence.push(evidenceOfAnswer(answer, shown.join('\n') || 'no annotation of Calico'));
  }
  return observed(lookups, evidence);
}
