/**
 * Which cluster a plan is for. Names of clusters are of one configuration: the command line may be told another
 * kubeconfig, or another current context, under the same name.
 */
import type { FixPlan } from '../model/fix.ts';
import type { KubernetesObject } from '../model/kubernetes.ts';
import { LookError } from '../model/look-error.ts';
import type { ClusterReader } from '../model/ports.ts';

/** Every cluster has it, and it lives as long as the cluster. */
const namespace = 'kube-system';

/** Returns what no other cluster has: the uid of a namespace. @throws LookError where the cluster does not say it */
export async function clusterIdentity(cluster: ClusterReader): Promise<string> {
  const answer = await cluster.read<KubernetesObject>({ apiVersion: 'v1', kind: 'Namespace', name: namespace });
  const uid = answer.ok ? answer.value.metadata.uid : undefined;
  if (uid !== undefined) return uid;
  const why = answer.ok ? 'it has no uid' : answer.reason;
  const right =
    !answer.ok && answer.status === 403
      ? `. The bot needs the right to get namespaces: kubectl auth can-i get namespaces/${namespace} asks for it, ` +
        'and deploy/rbac/calico-chatops.yaml grants it'
      : '';
  throw new LookError(
    'api-unreachable',
    `the namespace ${namespace} was not read, which says which cluster it is: ${why}${right}`,
  );
}

/** Returns why a plan is not for this cluster, or null. */
export async function otherCluster(
  cluster: ClusterReader,
  { cluster: name, identity }: Pick<FixPlan, 'cluster' | 'identity'>,
): Promise<string | null> {
  if (identity === undefined) return null;
  const now = await clusterIdentity(cluster);
  return now === identity
    ? null
    : `the plan was made for another cluster than the one that is called ${name} here (the namespace ${namespace} ` +
        `has the uid ${identity} there, and ${now} here): use the kubeconfig and the context that it was made with. ` +
        `kubectl get namespace ${namespace} -o jsonpath={.metadata.uid} says which cluster a context leads to`;
}
