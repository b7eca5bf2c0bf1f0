/** Finds one of Calico's own workloads and its pods, see `model/calico-components.ts` for what identifies them. */
import type { ApiRead } from '../../model/api-reads.ts';
import { podsOf, type ComponentName } from '../../model/calico-components.ts';
import { observed, unavailable, type Fact } from '../../model/evidence.ts';
import type { Deployment, KubernetesObject, Namespace, Pod } from '../../model/kubernetes.ts';
import type { ApiAnswer, ClusterReader } from '../../model/ports.ts';
import { evidenceOfAnswer } from '../../model/evidence-of.ts';
import { unavailableAnswer } from './evidence.ts';
import { labelQuery } from './label-query.ts';

export interface Component {
  readonly workload: Deployment & { readonly metadata: { readonly namespace: string } };
  /** Its pods, on the asked node alone where one was asked. */
  readonly pods: readonly Pod[];
  /** Pods of its namespace that carry its labels and that it does not own. */
  readonly strangers: readonly Pod[];
}
interface Where {
  readonly cluster: ClusterReader;
  readonly calicoNamespaces: readonly string[];
  /** Pods of this node only. */
  readonly node?: string;
}

/** What `findComponent` reads, for the metadata of the probe that uses it. */
export function componentReads({ kind, names }: ComponentName): readonly ApiRead[] {
  const sets: readonly ApiRead[] =
    kind === 'Deployment' ? [{ verb: 'list', apiVersion: 'apps/v1', kind: 'ReplicaSet', where: 'calico' }] : [];
  return [
    { verb: 'get', apiVersion: 'apps/v1', kind, where: 'calico', names },
    ...sets,
    { verb: 'list', apiVersion: 'v1', kind: 'Pod', where: 'calico' },
    { verb: 'get', apiVersion: 'v1', kind: 'Namespace', where: 'cluster' },
  ];
}

/**
 * Resolves to the workload with its pods, or to null where no namespace of Calico's has one. The first with a running
 * pod wins.
 */
export async function findComponent(component: ComponentName, where: Where): Promise<Fact<Component | null>> {
  const answers = await Promise.all(where.calicoNamespaces.map((namespace) => findIn(namespace, component, where)));
  const found = answers.flatMap((answer) =>
    answer.status === 'observed' && answer.value ? [{ ...answer, value: answer.value }] : [],
  );
  const best = found.find(({ value }) => value.pods.some(isRunning)) ?? found[0];
  const unread = answers.find((answer) => answer.status === 'unavailable');
  // Elsewhere there may be the one that runs.
  if (unread && !best?.value.pods.some(isRunning)) return unread;
  return (
    best ??
    observed(
      null,
      answers.flatMap(({ evidence }) => evidence),
    )
  );
}

export function isRunning(pod: Pod): boolean {
  return pod.status?.phase === 'Running' && !pod.metadata.deletionTimestamp;
}

async function findIn(
  namespace: string,
  { kind, names }: ComponentName,
  { cluster, node }: Where,
): Promise<Fact<Component | null>> {
  const found = await findWorkload(namespace, { kind, names }, cluster);
  if (found.status === 'unavailable') return found;
  if (found.value === null) return observed(null, found.evidence);
  const workload = found.value;
  const labelSelector = labelQuery(workload.spec.selector);
  // No limit: a limit would let pods that only look alike push out the real ones.
  const [sets, pods] = await Promise.all([
    kind === 'Deployment'
      ? cluster.list<KubernetesObject>({ apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace, labelSelector })
      : null,
    cluster.list<Pod>({
      apiVersion: 'v1',
      kind: 'Pod',
      namespace,
      labelSelector,
      fieldSelector: node && `spec.nodeName=${node}`,
    }),
  ]);
  if (sets && !sets.ok) return unavailableAnswer(sets);
  if (!pods.ok) return unavailableAnswer(pods);
  if (workload.metadata.uid === undefined)
    return unavailable('not-parsed', `${found.evidence[0]?.command}: the answer has no uid`);
  const own = podsOf(workload, sets?.value ?? [], pods.value);
  const strangers = labelSelector === undefined ? [] : pods.value.filter((pod) => !own.includes(pod));
  return observed({ workload, pods: own, strangers }, [
    evidenceOfAnswer(pods, own.map(podWords).join('\n') || 'no pod'),
    ...found.evidence,
  ]);
}

/** Resolves to the workload alone, or to null where the namespace has none of its names. */
export async function findWorkload(
  namespace: string,
  { kind, names }: ComponentName,
  cluster: ClusterReader,
): Promise<Fact<Component['workload'] | null>> {
  const workloads = await Promise.all(
    names.map((name) => cluster.read<Deployment>({ apiVersion: 'apps/v1', kind, namespace, name })),
  );
  const there = workloads.find((answer) => answer.ok);
  if (there?.ok) {
    const workload = { ...there.value, metadata: { ...there.value.metadata, namespace } };
    return observed(workload, [evidenceOfAnswer(there, workloadWords(workload, kind))]);
  }
  const refused = workloads.find((answer) => !answer.ok && answer.status !== 404);
  const [first] = workloads;
  return refused && !refused.ok && !(await isMissing(cluster, namespace))
    ? unavailableAnswer(refused)
    : observed(null, first ? [evidenceOfAnswer(first, `no ${kind} ${names.join(' or ')}`)] : []);
}

/** A namespace that does not exist is a plain "no": a role that gives rights in it cannot exist either. */
async function isMissing(cluster: ClusterReader, name: string): Promise<boolean> {
  const answer: ApiAnswer<Namespace> = await cluster.read<Namespace>({ apiVersion: 'v1', kind: 'Namespace', name });
  return !answer.ok && answer.status === 404;
}

function podWords({ metadata, spec, status }: Pod): string {
  return (
    `${metadata.name} ${status?.phase ?? '?'} on ${spec.nodeName ?? 'no node'}, ` +
    `account ${spec.serviceAccountName ?? 'default'}`
  );
}

function workloadWords({ metadata, spec, status }: Deployment, kind: string): string {
  return kind === 'Deployment'
    ? `Deployment ${metadata.name}: replicas ${spec.replicas ?? 1}, ready ${status?.readyReplicas ?? 0}`
    : `${kind} ${metadata.name}`;
}
