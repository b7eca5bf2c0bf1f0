import type { Pod } from '../../model/kubernetes.ts';
import { defineRule, fail, pass } from '../../model/rule.ts';
import { cni, kubelet, podStart, runningPod, type Resource } from '../../model/resource.ts';
import { runsInPart } from '../../model/pod-runs.ts';
import { hasNetwork } from '../lib/pod-start.ts';

export const podNotRunning = defineRule({
  id: 'pod-not-running',
  description: 'The pod is Pending, Failed, Succeeded, being deleted, or its containers crash-loop.',
  step: 'target',
  requires: ['pod'],
  ofClientToo: true,
  lacks: ['podStart', 'cni', 'kubelet'],
  withholds: ['pod'],
  advice: {
    who: 'the owner of the workload',
    commands: [
      'kubectl -n {namespace} describe pod {pod}',
      'kubectl -n {namespace} logs {pod} --all-containers --previous --tail=50',
    ],
  },
  messages: {
    notRunning: {
      title: 'Pod {namespace}/{pod} is not running: {state}',
      detail: 'The pod can answer once it runs. {why}',
    },
  },
  judge({ pod }, _considered, evidence) {
    const state = stateOf(pod);
    if (!state)
      return pass(`the pod is Running on ${pod.spec.nodeName ?? '?'} with address ${pod.status?.podIP ?? 'none'}`);
    const namespace = pod.metadata.namespace ?? 'default';
    return fail({
      message: 'notRunning',
      data: { namespace, pod: pod.metadata.name, ...state },
      subject: { kind: 'Pod', name: `${namespace}/${pod.metadata.name}` },
      node: pod.spec.nodeName ?? null,
      proof: 'read',
      evidence: evidence('pod'),
      stopsFlow: pod.metadata.deletionTimestamp !== undefined || !runsInPart(pod),
      lacks: lackedBy(pod),
      withholds: [runningPod(`${namespace}/${pod.metadata.name}`)],
    });
  },
});

/** A pod that waits for its network, or for its kubelet to end it, is not its owner's doing. */
function lackedBy(pod: Pod): readonly Resource[] {
  const { metadata, spec, status } = pod;
  const { nodeName } = spec;
  const start = podStart(`${metadata.namespace ?? 'default'}/${metadata.name}`);
  if (metadata.deletionTimestamp) return [start, ...(nodeName ? [kubelet(nodeName)] : [])];
  if (!nodeName || status?.phase !== 'Pending') return [start];
  return [start, ...(hasNetwork(pod) ? [] : [cni(nodeName)]), kubelet(nodeName)];
}

function stateOf({ metadata, status }: Pod): { state: string; why: string } | null {
  if (metadata.deletionTimestamp)
    return { state: 'being deleted', why: `It is to be gone by ${metadata.deletionTimestamp}.` };
  const looping = status?.containerStatuses?.find(
    (container) => container.state?.waiting?.reason === 'CrashLoopBackOff',
  );
  if (looping)
    return {
      state: `container ${looping.name} crash-loops`,
      why: `The kubelet restarted it ${looping.restartCount} times. ${looping.state?.waiting?.message ?? ''}`.trim(),
    };
  if (status?.phase === 'Running') return null;
  const scheduled = status?.conditions?.find(
    (condition) => condition.type === 'PodScheduled' && condition.status !== 'True',
  );
  return { state: status?.phase ?? 'unknown', why: scheduled?.message ?? status?.message ?? status?.reason ?? '' };
}
