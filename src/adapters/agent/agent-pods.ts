import { agentDaemonSet, agentMark, agentName, agentNamespace } from '../../model/agent.ts';
import type { KubernetesObject, Pod } from '../../model/kubernetes.ts';
import { LookError } from '../../model/look-error.ts';
import type { ApiAnswer, ClusterReader } from '../../model/ports.ts';
import { choosePod } from './choose-pod.ts';

/**
 * Finds the agent's pod on a node.
 * @throws LookError `agent-missing`, `api-forbidden` or `api-unreachable`
 */
export async function agentPodOf(node: string, cluster: ClusterReader): Promise<string> {
  const [daemonSet, pods] = await Promise.all([
    cluster.read<KubernetesObject>(agentDaemonSet),
    cluster.list<Pod>({
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: agentNamespace,
      fieldSelector: `spec.nodeName=${node}`,
    }),
  ]);
  if (!daemonSet.ok && daemonSet.status === 404)
    throw new LookError('agent-missing', `${node}${agentMark}: there is no DaemonSet ${agentNamespace}/${agentName}`);
  const chosen = choosePod(node, valueOf(node, daemonSet), valueOf(node, pods));
  if (chosen.name === null) throw new LookError('agent-missing', `${node}${agentMark}: ${chosen.why}`);
  return chosen.name;
}

function valueOf<T>(node: string, answer: ApiAnswer<T>): T {
  if (answer.ok) return answer.value;
  const code = answer.status === 401 || answer.status === 403 ? 'api-forbidden' : 'api-unreachable';
  throw new LookError(code, `${node}${agentMark}: the agent's pod is not known: ${answer.reason}`);
}
