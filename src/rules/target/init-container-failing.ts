import type { ContainerStatus } from '../../model/kubernetes.ts';
import { defineRule, fail, notApplicable } from '../../model/rule.ts';
import { endWords } from '../lib/container-end.ts';
import { keptFromStarting, namesOf } from '../lib/pod-start.ts';

export const initContainerFailing = defineRule({
  id: 'init-container-failing',
  description: 'An init container of the pod fails, or has not ended, so the containers of the pod do not start.',
  step: 'target',
  requires: ['pod'],
  ofClientToo: true,
  withholds: ['podStart', 'pod'],
  advice: {
    who: 'the owner of the workload',
    commands: [
      'kubectl -n {namespace} logs {pod} -c {container} --tail=50   # what does it wait for, or why does it fail?',
      'kubectl -n {namespace} describe pod {pod}',
    ],
  },
  messages: {
    fails: {
      title: 'Init container {container} of {namespace}/{pod} fails, so the pod does not start',
      detail: 'The kubelet of {node} says that it ended {how}, after {restarts}.',
    },
    runs: {
      title: 'Pod {namespace}/{pod} waits for its init container {container}, which still runs',
      detail:
        'The kubelet of {node} starts the other containers once it is done, or has started if its restartPolicy is ' +
        'Always. It may wait for another service.',
    },
  },
  judge({ pod }, _considered, evidence) {
    const { nodeName: node } = pod.spec;
    const { phase, initContainerStatuses = [] } = pod.status ?? {};
    if (!node) return notApplicable('the pod is on no node yet');
    if (phase !== 'Pending' && phase !== 'Failed') return notApplicable('the init containers have ended');
    const first = initContainerStatuses.find((one) => !one.ready && one.state?.terminated?.exitCode !== 0);
    const message = first ? messageOf(first, phase) : null;
    if (!first || message === null) return notApplicable('no init container fails');
    const { restartCount } = first;
    return fail({
      ...keptFromStarting(pod, evidence('pod')),
      message,
      data: {
        ...namesOf(pod),
        node,
        container: first.name,
        how: endWords(first),
        restarts: restartCount === 1 ? '1 restart' : `${restartCount} restarts`,
      },
    });
  },
});

/** null: it has not begun, or waits for something that other rules tell. */
function messageOf({ state }: ContainerStatus, phase: string): 'fails' | 'runs' | null {
  if (state?.terminated || state?.waiting?.reason === 'CrashLoopBackOff') return 'fails';
  return state?.running && phase === 'Pending' ? 'runs' : null;
}
