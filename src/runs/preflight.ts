/** Whether what a target names is there at all, asked before anything is run. */
import { declaredReader, type ApiRead } from '../model/api-reads.ts';
import type { ClusterReader, ObjectReference } from '../model/ports.ts';
import type { Target } from '../model/target.ts';

export const preflightReads: readonly ApiRead[] = ['Pod', 'Namespace', 'Node'].map((kind) => ({ verb: 'get', apiVersion: 'v1', kind, where: 'cluster' }));

export interface UnknownPart {
  readonly code: 'unknown-namespace' | 'unknown-pod' | 'unknown-node';
  readonly message: string;
}

/**
 * The first part of a target that the API server says does not exist; null when all is there, or when the server could
 * not be asked: then a diagnosis goes on with what can be known.
 */
export async function unknownOfTarget(reader: ClusterReader, { namespace, pod, from }: Target): Promise<UnknownPart | null> {
  const cluster = declaredReader(reader, preflightReads, [], 'preflight');
  const answers = await Promise.all([
    unknownPod(cluster, namespace, pod),
    from?.kind === 'pod' ? unknownPod(cluster, from.namespace, from.name) : null,
    from?.kind === 'node' ? unknownNode(cluster, from.name) : null,
  ]);
  return answers.find((answer) => answer !== null) ?? null;
}

async function unknownPod(cluster: ClusterReader, namespace: string, name: string): Promise<UnknownPart | null> {
  if (!(await isMissing(cluster, { apiVersion: 'v1', kind: 'Pod', namespace, name }))) return null;
  if (await isMissing(cluster, { apiVersion: 'v1', kind: 'Namespace', name: namespace })) {
    return { code: 'unknown-namespace', message: `there is no namespace ${namespace}` };
  }
  return { code: 'unknown-pod', message: `there is no pod ${name} in namespace ${namespace}` };
}

async function unknownNode(cluster: ClusterReader, name: string): Promise<UnknownPart | null> {
  return (await isMissing(cluster, { apiVersion: 'v1', kind: 'Node', name })) ? { code: 'unknown-node', message: `there is no node ${name}` } : null;
}

async function isMissing(cluster: ClusterReader, reference: ObjectReference): Promise<boolean> {
  const answer = await cluster.read(reference);
  return !answer.ok && answer.status === 404;
}
