import type { ContainerStatus, Pod } from '../../model/kubernetes.ts';
import { defineRule, fail, pass } from '../../model/rule.ts';
import { cni, kubelet, podStart, runningPod, type Resource } from '../../model/resource.ts';
import { runsInPart } from '../../model/pod-runs.ts';
import { endWords } from '../lib/container-end.ts';
import { hasNetwork, saidWords } from '../lib/pod-start.ts';

type Status = NonNullable<Pod['status']>;

interface Said {
  readonly message: 'notRunning' | 'failed';
  readonly state: string;
  readonly why: string;
}

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
    failed: {
      title: 'Pod {namespace}/{pod} is not running: {state}',
      detail: 'It does not run again: a controller must make another one. {why}',
    },
  },
  judge({ pod }, _considered, evidence) {
    const said = stateOf(pod);
    if (!said)
      return pass(`the pod is Running on ${pod.spec.nodeName ?? '?'} with address ${pod.status?.podIP ?? 'none'}`);
    const namespace = pod.metadata.namespace ?? 'default';
    return fail({
      message: said.message,
      data: { namespace, pod: pod.metadata.name, state: said.state, why: said.why },
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

/** null: it runs. */
function stateOf({ metadata, status = {} }: Pod): Said | null {
  if (metadata.deletionTimestamp)
    return notRunning('being deleted', `It is to be gone by ${metadata.deletionTimestamp}.`);
  const { phase, containerStatuses = [], initContainerStatuses = [], conditions = [] } = status;
  if (phase === 'Failed') return { message: 'failed', state: 'Failed', why: whyFailed(status) };
  const all = [...initContainerStatuses, ...containerStatuses];
  const looping = all.find(({ state }) => state?.waiting?.reason === 'CrashLoopBackOff');
  if (looping) {
    const ended = looping.lastState?.terminated ? `Its last run ended ${endWords(looping)}.` : '';
    const again = `The kubelet restarted it ${looping.restartCount} times.`;
    const said = looping.state?.waiting?.message ?? '';
    return notRunning(`container ${looping.name} crash-loops`, words(ended, again, said));
  }
  if (phase === 'Running') {
    const [first] = containerStatuses;
    if (!first || containerStatuses.some(({ state }) => !state || state.running)) return null;
    const still = containerStatuses.find(({ state }) => state?.terminated?.exitCode !== 0) ?? first;
    return notRunning('none of its containers runs', containerWords(still));
  }
  const scheduled = conditions.find(({ type, status: is }) => type === 'PodScheduled' && is !== 'True');
  const waiting = all.find(({ state }) => state?.waiting && state.waiting.reason !== 'PodInitializing');
  const why = scheduled?.message ?? status.message ?? status.reason ?? (waiting ? containerWords(waiting) : '');
  return notRunning(phase ?? 'unknown', why);
}

const notRunning = (state: string, why: string): Said => ({ message: 'notRunning', state, why });

const words = (...sentences: readonly string[]) => sentences.filter((one) => one !== '').join(' ');

function containerWords(status: ContainerStatus): string {
  const { name, state } = status;
  if (state?.terminated) return `Container ${name} ended ${endWords(status)}.`;
  const { reason = 'no reason given', message = '' } = state?.waiting ?? {};
  return `Container ${name} waits: ${saidWords(reason, message)}.`;
}

/** Who ended it, as Kubernetes says since 1.26, or how its containers ended. */
function whyFailed({ conditions = [], containerStatuses = [], reason = '', message = '' }: Status): string {
  const ended = conditions.find(({ type, status }) => type === 'DisruptionTarget' && status === 'True');
  const broken = containerStatuses.find(({ state }) => state?.terminated && state.terminated.exitCode !== 0);
  return words(
    reason === '' && message === '' ? '' : `Its status says ${saidWords(reason, message)}.`,
    ended ? `It was ended: ${saidWords(ended.reason ?? '', ended.message ?? '')}.` : '',
    broken ? containerWords(broken) : '',
  );
}
