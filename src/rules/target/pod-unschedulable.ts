import { defineRule, fail, notApplicable } from '../../model/rule.ts';
import { keptFromStarting, namesOf, saidWords } from '../lib/pod-start.ts';

export const podUnschedulable = defineRule({
  id: 'pod-unschedulable',
  description: 'The scheduler finds no node for the pod, or a scheduling gate holds the pod back.',
  step: 'target',
  requires: ['pod'],
  ofClientToo: true,
  withholds: ['podStart', 'pod'],
  advice: {
    who: 'the owner of the workload',
    commands: [
      'kubectl -n {namespace} describe pod {pod}   # requests, nodeSelector, affinity, tolerations, volumes, gates',
      'kubectl get nodes -o wide; kubectl describe nodes   # Allocatable, Allocated resources, Taints, Unschedulable',
    ],
  },
  messages: {
    noNode: {
      title: 'No node takes pod {namespace}/{pod}',
      detail: 'The scheduler says {said}. The pod has no address until a node takes it.',
    },
    gated: {
      title: 'Pod {namespace}/{pod} waits for a scheduling gate',
      detail: 'The scheduler says {said}. The program that set the gate must remove it first.',
    },
  },
  judge({ pod }, _considered, evidence) {
    if (pod.spec.nodeName) return notApplicable(`the pod is on ${pod.spec.nodeName}`);
    const { phase, conditions = [] } = pod.status ?? {};
    const refused = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
    if (pod.metadata.deletionTimestamp || phase !== 'Pending' || !refused)
      return notApplicable('the scheduler does not say that no node takes the pod');
    const { reason = '', message = '' } = refused;
    if (reason !== 'Unschedulable' && reason !== 'SchedulingGated')
      return notApplicable(`the scheduler did not judge the pod: ${reason || 'no reason given'}`);
    return fail({
      ...keptFromStarting(pod, evidence('pod')),
      message: reason === 'Unschedulable' ? 'noNode' : 'gated',
      data: { ...namesOf(pod), said: saidWords(reason, message) },
    });
  },
});
