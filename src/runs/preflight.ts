/** Whether what a target names is there at all, asked before anything is run. */
import { declaredReader, type ApiRead } from '../model/api-reads.ts';
import type { ClusterReader, ObjectReference } from '../model/ports.ts';
import type { Target } from '../model/target.ts';

export const preflightReads: readonly ApiRead[] = ['Pod', 'Namespace', 'Node'].map((kind) => ({
  verb: 'get',
  apiVersion: 'v1',
  kind,
  where: 'cluster',
}));

export interface UnknownPart {
  readonly code: 'unknown-namespace' | 'unknown-pod' | 'unknown-node';
  readonly message: string;
}

type Known = UnknownPart | 'there' | 'not-answered';

/** How long a diagnosis waits for the answer before it goes on beside the question. */
const patienceMs = 1000;

/** Resolves to the answer; to `not-answered` where the API server takes longer than a moment. */
export async function answeredSoon(asking: Promise<Known>): Promise<Known> {
  const late = Promise.withResolvers<Known>();
  const timer = setTimeout(() => late.resolve('not-answered'), patienceMs);
  try {
    return await Promise.race([asking, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Returns the first part of a target that the API server says does not exist. `there`: it knows all of them.
 * `not-answered`: it could not be asked for one of them, and a diagnosis goes on with what can be known.
 */
export async function unknownOfTarget(reader: ClusterReader, { namespace, pod, from }: Target): Promise<Known> {
  const cluster = declaredReader(reader, preflightReads, [], 'preflight');
  const answers = await Promise.all([
    unknownPod(cluster, namespace, pod),
    from?.kind === 'pod' ? unknownPod(cluster, from.namespace, from.name) : 'there',
    from?.kind === 'node' ? unknownNode(cluster, from.name) : 'there',
  ]);
  const unknown = answers.find((answer) => typeof answer !== 'string');
  return unknown ?? (answers.includes('not-answered') ? 'not-answered' : 'there');
}

async function unknownPod(cluster: ClusterReader, namespace: string, name: string): Promise<Known> {
  const pod = await known(cluster, { apiVersion: 'v1', kind: 'Pod', namespace, name });
  if (pod !== 'missing') return pod;
  if ((await known(cluster, { apiVersion: 'v1', kind: 'Namespace', name: namespace })) === 'missing') {
    return { code: 'unknown-namespace', message: `there is no namespace ${namespace}` };
  }
  return noSuchPod(namespace, name);
}

async function unknownNode(cluster: ClusterReader, name: string): Promise<Known> {
  const node = await known(cluster, { apiVersion: 'v1', kind: 'Node', name });
  return node === 'missing' ? { code: 'unknown-node', message: `there is no node ${name}` } : node;
}

export function noSuchPod(namespace: string, name: string): UnknownPart {
  return { code: 'unknown-pod', message: `there is no pod ${name} in namespace ${namespace}` };
}

async function known(
  cluster: ClusterReader,
  reference: ObjectReference,
): Promise<'there' | 'missing' | 'not-answered'> {
  const answer = await cluster.read(reference);
  if (answer.ok) return 'there';
  return answer.status === 404 ? 'missing' : 'not-answered';
}
