/** Names that people type, as the API server knows them. */
import { kindWords } from '../model/asked-flow.ts';
import type { KubernetesObject, Pod } from '../model/kubernetes.ts';
import { nearest } from '../model/nearest.ts';
import type { ClusterReader, ListQuery } from '../model/ports.ts';
import {
  hasAddress,
  mostPodsOfNamespace,
  ownsAddress,
  workloadKinds,
  workloadOf,
  type WorkloadKind,
} from '../model/workloads.ts';
import { someOf } from '../model/words.ts';

export interface UnknownPart {
  readonly code: 'unknown-namespace' | 'unknown-pod' | 'unknown-node' | 'unknown-service' | 'unknown-workload';
  /** What is not there, and what may have been meant. */
  readonly message: string;
  /** The same without what may have been meant. */
  readonly missing: string;
}
/** `name`: the whole name; null: as it was given. */
export type Named =
  | { readonly state: 'there'; readonly name: string | null }
  | { readonly state: 'not-answered' }
  | { readonly state: 'unknown'; readonly part: UnknownPart };

/** Names that are compared with what was typed. */
const mostNames = 500;
/** Names that an answer lists. */
const listedNames = 4;
const notAnswered: Named = { state: 'not-answered' };

/** A pod by its name, or by how the name of one pod alone begins. */
export async function podNamed(cluster: ClusterReader, namespace: string, name: string): Promise<Named> {
  const found = await read(cluster, { apiVersion: 'v1', kind: 'Pod', namespace }, name);
  if (found.state !== 'unknown') return found;
  const [missing, names] = await Promise.all([
    missingNamespace(cluster, namespace),
    namesOf(cluster, { apiVersion: 'v1', kind: 'Pod', namespace }),
  ]);
  if (missing) return missing;
  const begun = names.filter((one) => one.startsWith(name));
  if (begun.length === 1) return { state: 'there', name: begun[0] ?? null };
  const { code, message } = noSuchPod(namespace, name);
  return begun.length > 1
    ? unknown(code, `${message}: ${begun.length} begin so, ${someOf(begun, listedNames)}`)
    : unknown(code, message, meantWords(name, names));
}

export async function serviceNamed(cluster: ClusterReader, namespace: string, name: string): Promise<Named> {
  const found = await read(cluster, { apiVersion: 'v1', kind: 'Service', namespace }, name);
  if (found.state !== 'unknown') return found;
  // Their EndpointSlices name them, too, and are read anyhow.
  const slices = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', namespace };
  const [missing, listed] = await Promise.all([missingNamespace(cluster, namespace), objectsOf(cluster, slices)]);
  const names = listed.flatMap(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] ?? []);
  return missing ?? unknown('unknown-service', found.part.message, meantWords(name, [...new Set(names)]));
}

/** A workload that has pods. */
export async function workloadNamed(
  cluster: ClusterReader,
  kind: WorkloadKind,
  namespace: string,
  name: string,
): Promise<Named> {
  const query = { apiVersion: 'v1', kind: 'Pod', namespace, limit: mostPodsOfNamespace };
  const answer = await cluster.list<Pod>(query);
  if (!answer.ok) return notAnswered;
  const names = answer.value.flatMap((pod) => workloadOf(pod, kind) ?? []);
  if (names.includes(name)) return { state: 'there', name: null };
  const words = `no pod in namespace ${namespace} belongs to ${workloadKinds[kind]} ${name}`;
  const missing = await missingNamespace(cluster, namespace);
  return missing ?? unknown('unknown-workload', words, meantWords(name, [...new Set(names)]));
}

export async function nodeNamed(cluster: ClusterReader, name: string): Promise<Named> {
  const found = await read(cluster, { apiVersion: 'v1', kind: 'Node' }, name);
  if (found.state !== 'unknown') return found;
  const meant = meantWords(name, await namesOf(cluster, { apiVersion: 'v1', kind: 'Node' }));
  return unknown('unknown-node', `there is no node ${name}`, meant);
}

/** Any pod of a namespace with these labels. */
export async function podsLabelled(cluster: ClusterReader, namespace: string, labelSelector: string): Promise<Named> {
  const answer = await cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace, labelSelector, limit: 1 });
  if (!answer.ok) return notAnswered;
  if (answer.value.length > 0) return { state: 'there', name: null };
  const missing = await missingNamespace(cluster, namespace);
  return missing ?? unknown('unknown-pod', `no pod in namespace ${namespace} has the labels ${labelSelector}`);
}

/** A pod of a namespace that has the address. The API server finds pods by the first one of several alone. */
export async function podAtAddress(cluster: ClusterReader, namespace: string, address: string): Promise<Named> {
  const pods = { apiVersion: 'v1', kind: 'Pod', namespace } as const;
  const queries = [
    { ...pods, fieldSelector: `status.podIP=${address}`, limit: mostNames },
    { ...pods, limit: mostPodsOfNamespace },
  ];
  let isElsewhere = false;
  for (const query of queries) {
    const answer = await cluster.list<Pod>(query);
    if (!answer.ok) return notAnswered;
    const having = answer.value.filter((pod) => hasAddress(pod, address));
    if (having.some(ownsAddress)) return { state: 'there', name: null };
    isElsewhere ||= having.length > 0;
  }
  const missing = await missingNamespace(cluster, namespace);
  if (missing) return missing;
  return isElsewhere
    ? unknown(
        'unknown-pod',
        `in namespace ${namespace}, only pods that ended or share their node's address have ${address}`,
        ': name the pod',
      )
    : unknown('unknown-pod', `no pod in namespace ${namespace} has the address ${address}`);
}

type Collection = Pick<ListQuery, 'apiVersion' | 'kind' | 'namespace'>;

async function missingNamespace(cluster: ClusterReader, namespace: string): Promise<Named | null> {
  const found = await read(cluster, { apiVersion: 'v1', kind: 'Namespace' }, namespace);
  if (found.state !== 'unknown') return null;
  // By their pods: no other read needs all namespaces.
  const pods = await objectsOf(cluster, { apiVersion: 'v1', kind: 'Pod' });
  const names = pods.flatMap(({ metadata }) => metadata.namespace ?? []);
  const meant = kindWords(namespace) ?? meantWords(namespace, [...new Set(names)]);
  return unknown('unknown-namespace', `there is no namespace ${namespace}`, meant);
}

async function read(cluster: ClusterReader, where: Collection, name: string): Promise<Named> {
  const answer = await cluster.read({ ...where, name });
  if (answer.ok) return { state: 'there', name: null };
  const place = where.namespace === undefined ? '' : ` in namespace ${where.namespace}`;
  return answer.status === 404 ? unknown('unknown-pod', `there is no ${where.kind} ${name}${place}`) : notAnswered;
}

/** Empty where they cannot be listed: then nothing is proposed, and what is missing is told all the same. */
async function objectsOf(cluster: ClusterReader, where: Collection): Promise<readonly KubernetesObject[]> {
  const answer = await cluster.list<KubernetesObject>({ ...where, limit: mostNames }).catch(() => null);
  return answer?.ok ? answer.value : [];
}

async function namesOf(cluster: ClusterReader, where: Collection): Promise<readonly string[]> {
  return (await objectsOf(cluster, where)).map(({ metadata }) => metadata.name);
}

function meantWords(name: string, names: readonly string[]): string {
  const meant = nearest(name, names);
  return meant === null ? '' : `: did you mean ${meant}?`;
}

function unknown(code: UnknownPart['code'], missing: string, meant = ''): Named {
  return { state: 'unknown', part: { code, message: `${missing}${meant}`, missing } };
}

export function noSuchPod(namespace: string, name: string): UnknownPart {
  const missing = `there is no pod ${name} in namespace ${namespace}`;
  return { code: 'unknown-pod', message: missing, missing };
}
