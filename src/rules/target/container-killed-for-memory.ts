import type { ContainerStatus } from '../../model/kubernetes.ts';
import { defineRule, fail, notApplicable } from '../../model/rule.ts';
import { keptFromStarting, namesOf } from '../lib/pod-start.ts';

const outOfMemory = 'OOMKilled';

export const containerKilledForMemory = defineRule({
  id: 'container-killed-for-memory',
  description:
    'The kernel killed a container of the pod, which used more memory than its limit, or the node lacked it.',
  step: 'target',
  requires: ['pod'],
  ofClientToo: true,
  withholds: ['podStart', 'pod'],
  advice: {
    who: 'the owner of the workload',
    commands: [
      'kubectl -n {namespace} describe pod {pod}   # Limits of {container}, and Last State',
      'kubectl -n {namespace} logs {pod} -c {container} --previous --tail=50   # what did it do before?',
      'journalctl -k --grep oom   # on {node}: did the container reach its limit, or did the node lack memory?',
    ],
  },
  messages: {
    killed: {
      title: 'Container {container} of {namespace}/{pod} does not run: it was killed for its use of memory',
      detail: 'The kubelet of {node} says OOMKilled of its last run, after {restarts}. {waits}',
    },
  },
  judge({ pod }, _considered, evidence) {
    if (!pod.spec.nodeName) return notApplicable('the pod is on no node yet');
    const { containerStatuses = [] } = pod.status ?? {};
    // The container that keeps the pod from running: what happened to another one tells nothing of it.
    const stopped =
      containerStatuses.find(({ state }) => state?.waiting?.reason === 'CrashLoopBackOff') ??
      containerStatuses.find(({ state }) => state?.terminated?.reason === outOfMemory);
    if (!stopped || !wasKilled(stopped))
      return notApplicable('no container of the pod stands still since it was killed');
    const { restartCount } = stopped;
    return fail({
      ...keptFromStarting(pod, evidence('pod')),
      message: 'killed',
      data: {
        ...namesOf(pod),
        node: pod.spec.nodeName,
        container: stopped.name,
        restarts: restartCount === 1 ? '1 restart' : `${restartCount} restarts`,
        waits: stopped.state?.waiting ? 'The kubelet waits before it starts the container again.' : 'It has ended.',
      },
    });
  },
});

function wasKilled({ state, lastState }: ContainerStatus): boolean {
  return (state?.terminated ?? lastState?.terminated)?.reason === outOfMemory;
}
