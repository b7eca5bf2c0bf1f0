import { declaredReader, type ApiRead } from '../model/api-reads.ts';
import type { PodScope, TouchedPods } from '../model/fix.ts';
import type { ClusterReader, ListQuery } from '../model/ports.ts';

/** To count the pods that a plan touches. */
const touchedReads: readonly ApiRead[] = [{ verb: 'list', apiVersion: 'v1', kind: 'Pod', where: 'cluster' }];

/** More pods than these are told as so many or more. */
const counted = 1000;

/** Counts the pods whose traffic a fix changes, for who approves it. A count that fails says so, and stops nothing. */
export async function touchedPods(reader: ClusterReader, scope: PodScope): Promise<TouchedPods> {
  if (scope.kind === 'none') return { pods: null, of: scope.why };
  if (scope.kind === 'one')
    return { pods: 1, of: scope.of, ...(scope.namespace === undefined ? {} : { namespace: scope.namespace }) };
  const of = scope.kind === 'namespace' ? `all of namespace ${scope.namespace}` : `all of node ${scope.node}`;
  const only = scope.kind === 'namespace' ? { namespace: scope.namespace } : {};
  const cluster = declaredReader(reader, touchedReads, [], 'touched-pods');
  const pods: ListQuery = { apiVersion: 'v1', kind: 'Pod', limit: counted };
  const answer = await cluster.list(
    scope.kind === 'namespace'
      ? { ...pods, namespace: scope.namespace }
      : { ...pods, fieldSelector: `spec.nodeName=${scope.node}` },
  );
  if (!answer.ok) return { pods: null, of: `${of}, not counted: ${answer.reason}`, ...only };
  return { pods: answer.value.length, of: answer.value.length < counted ? of : `${of}, or more`, ...only };
}
