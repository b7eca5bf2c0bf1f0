import { agentContainer, agentDaemonSet, agentName, agentNamespace } from '../../model/agent.ts';
import type { KubernetesObject, Pod } from '../../model/kubernetes.ts';

/** The pod to use, or why there is none, as the end of a sentence about the node. */
export type ChosenPod = { readonly name: string } | { readonly name: null; readonly why: string };

/** What a pod is called in a path of the API server. */
const podName = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;

/**
 * Chooses the agent of a node among the pods of the agent's namespace. Labels count for nothing: a pod is ours if the
 * DaemonSet with this very uid controls it, it runs on this node, and it has the agent's account.
 */
export function choosePod(node: string, daemonSet: KubernetesObject, pods: readonly Pod[]): ChosenPod {
  const here = pods.filter(({ metadata, spec }) => spec.nodeName === node && metadata.namespace === agentNamespace);
  const ours = here.filter((pod) => isOwned(pod, daemonSet) && pod.spec.serviceAccountName === agentName);
  const living = ours.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const [ready] = living.filter(isReady).toSorted(byName);
  if (ready !== undefined && podName.test(ready.metadata.name)) return { name: ready.metadata.name };
  const [first] = living.toSorted(byName);
  if (first !== undefined) return { name: null, why: `its pod ${first.metadata.name} is not ready${stateOf(first)}` };
  if (ours.length > 0) return { name: null, why: 'its pod is being deleted' };
  const [stranger] = here;
  return {
    name: null,
    why:
      stranger === undefined
        ? `DaemonSet ${agentName} has no pod there`
        : `DaemonSet ${agentName} has no pod there: ${stranger.metadata.name} is not of it, and is not used`,
  };
}

function byName(one: Pod, other: Pod): number {
  return one.metadata.name < other.metadata.name ? -1 : 1;
}

function isOwned({ metadata }: Pod, daemonSet: KubernetesObject): boolean {
  const { uid } = daemonSet.metadata;
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  return (
    uid !== undefined && owner?.kind === agentDaemonSet.kind && owner.name === agentDaemonSet.name && owner.uid === uid
  );
}

function isReady({ spec, status }: Pod): boolean {
  const container = status?.containerStatuses?.find(({ name }) => name === agentContainer);
  return (
    status?.phase === 'Running' &&
    spec.containers.some(({ name }) => name === agentContainer) &&
    container?.ready === true
  );
}

/** `: ImagePullBackOff`, where the kubelet says it. */
function stateOf({ status }: Pod): string {
  const container = status?.containerStatuses?.find(({ name }) => name === agentContainer);
  const reason = container?.state?.waiting?.reason ?? container?.state?.terminated?.reason ?? status?.reason;
  return reason === undefined || !/^\w{1,60}$/.test(reason) ? '' : `: ${reason}`;
}
