import { defineRule, fail, notApplicable } from '../../model/rule.ts';
import { kubelet } from '../../model/resource.ts';
import { keptFromStarting, namesOf } from '../lib/pod-start.ts';

export const podTerminating = defineRule({
  id: 'pod-terminating',
  description: 'The pod is being deleted: its grace is not over, or finalizers keep what is left of it.',
  step: 'target',
  requires: ['pod'],
  ofClientToo: true,
  lacks: ['kubelet'],
  withholds: ['podStart', 'pod'],
  advice: {
    who: 'the owner of the workload',
    commands: [
      'kubectl -n {namespace} get pods -o wide   # has a controller made another pod? Diagnose that one',
      'kubectl -n {namespace} describe pod {pod}   # who deleted it, and do its containers still run?',
    ],
  },
  messages: {
    ends: {
      title: 'Pod {namespace}/{pod} is being deleted',
      detail: 'Its containers have until {end} to end. It does not come back, and Services send it no new connections.',
    },
    kept: {
      title: 'Pod {namespace}/{pod} is being deleted, and finalizers keep it',
      detail:
        'It was to be gone by {end}. The API server removes the pod when the programs that set {finalizers} take ' +
        'their names away. It does not come back, and Services send it no new connections.',
    },
  },
  judge({ pod }, _considered, evidence) {
    const { deletionTimestamp: end, finalizers = [] } = pod.metadata;
    if (end === undefined) return notApplicable('nobody deleted the pod');
    return fail({
      ...keptFromStarting(pod, evidence('pod')),
      message: finalizers.length > 0 ? 'kept' : 'ends',
      data: { ...namesOf(pod), end, finalizers: finalizers.join(', ') },
      // Also while its containers run: it is tried no more, and Services lead around it.
      stopsFlow: true,
      // The kubelet of the node says that its containers have ended.
      lacks: pod.spec.nodeName ? [kubelet(pod.spec.nodeName)] : [],
    });
  },
});
