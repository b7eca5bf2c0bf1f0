import { defineRule, fail, notApplicable } from '../../model/rule.ts';
import { keptFromStarting, namesOf } from '../lib/pod-start.ts';

export const podFinished = defineRule({
  id: 'pod-finished',
  description: 'The pod has done its work, or ran until its activeDeadlineSeconds were over.',
  step: 'target',
  requires: ['pod'],
  ofClientToo: true,
  withholds: ['podStart', 'pod'],
  advice: {
    who: 'the owner of the workload',
    commands: [
      'kubectl -n {namespace} get pods -o wide   # is there a pod that runs? Diagnose that one',
      'kubectl -n {namespace} get pod {pod} -o yaml   # ownerReferences (a Job?), restartPolicy, activeDeadlineSeconds',
    ],
  },
  messages: {
    succeeded: {
      title: 'Pod {namespace}/{pod} has finished',
      detail:
        'All its containers ended with success, and its restartPolicy starts none of them again. Its address may ' +
        'belong to another pod.',
    },
    deadline: {
      title: 'Pod {namespace}/{pod} was ended: it ran as long as it may',
      detail:
        'Its activeDeadlineSeconds were over, so the kubelet ended its containers. Its address may belong to another ' +
        'pod.',
    },
  },
  judge({ pod }, _considered, evidence) {
    const { phase, reason } = pod.status ?? {};
    const isOver = phase === 'Failed' && reason === 'DeadlineExceeded';
    if (pod.metadata.deletionTimestamp !== undefined || (phase !== 'Succeeded' && !isOver))
      return notApplicable('the pod has not finished');
    return fail({
      ...keptFromStarting(pod, evidence('pod')),
      message: isOver ? 'deadline' : 'succeeded',
      data: namesOf(pod),
    });
  },
});
