import { defineRule, fail, notApplicable } from '../../model/rule.ts';
import { keptFromStarting, namesOf, saidWords } from '../lib/pod-start.ts';

type Ended = 'evicted' | 'shutDown' | 'noRoom' | 'refused';

/** Reasons of a kubelet that ended a pod, or did not admit it (kubernetes, pkg/kubelet/eviction, nodeshutdown). */
const messages: Readonly<Record<string, Ended>> = {
  Evicted: 'evicted',
  Preempting: 'evicted',
  NodeAffinity: 'refused',
  UnexpectedAdmissionError: 'refused',
  TopologyAffinityError: 'refused',
  NodeShutdown: 'shutDown',
  Shutdown: 'shutDown',
};

export const podEvicted = defineRule({
  id: 'pod-evicted',
  description: 'The node ended the pod or did not take it: it lacked memory, disk or room, or was shut down.',
  step: 'target',
  requires: ['pod'],
  ofClientToo: true,
  withholds: ['podStart', 'pod'],
  advice: {
    who: 'the owner of the workload',
    commands: [
      'kubectl -n {namespace} get pods -o wide   # has a controller made another pod? Diagnose that one',
      'kubectl describe node {node}   # MemoryPressure, DiskPressure, PIDPressure, Allocated resources',
      'kubectl -n {namespace} delete pod {pod}   # the pod does not come back: only its object is left',
    ],
  },
  messages: {
    evicted: {
      title: 'Node {node} evicted pod {namespace}/{pod}',
      detail: 'The kubelet says {said}. The pod does not run again: a controller must make another one.',
    },
    shutDown: {
      title: 'Pod {namespace}/{pod} does not run: node {node} was shut down',
      detail: 'The kubelet says {said}. The pod does not run again: a controller must make another one.',
    },
    noRoom: {
      title: 'Node {node} did not take pod {namespace}/{pod}: it had no room',
      detail: 'The kubelet says {said}. The pod does not run: a controller must make another one.',
    },
    refused: {
      title: 'Node {node} did not take pod {namespace}/{pod}',
      detail: 'The kubelet says {said}. The pod does not run: a controller must make another one.',
    },
  },
  judge({ pod }, _considered, evidence) {
    const { phase, reason = '', message: said = '' } = pod.status ?? {};
    const message = endOf(reason, said);
    if (phase !== 'Failed' || message === null) return notApplicable('no node evicted the pod');
    return fail({
      ...keptFromStarting(pod, evidence('pod')),
      message,
      data: { ...namesOf(pod), node: pod.spec.nodeName ?? 'not known', said: saidWords(reason, said) },
    });
  },
});

function endOf(reason: string, said: string): Ended | null {
  // Kubelets since 1.21 tell of the shutdown in their message alone.
  if (reason === 'Terminated') return /\bnode shutdown\b/i.test(said) ? 'shutDown' : null;
  if (reason.startsWith('OutOf')) return 'noRoom';
  return Object.hasOwn(messages, reason) ? (messages[reason] ?? null) : null;
}
