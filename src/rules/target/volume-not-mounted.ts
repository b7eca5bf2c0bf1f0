import type { PodEvent } from '../../model/kubernetes.ts';
import { defineRule, fail, notApplicable } from '../../model/rule.ts';
import { keptFromStarting, namesOf, saidWords } from '../lib/pod-start.ts';

/** Reasons of events (kubernetes, pkg/kubelet/events/event.go). */
const failed = 'FailedMount';
/** What the kubelet says of a pod whose volumes are all mounted. */
const mounted: ReadonlySet<string> = new Set(['FailedCreatePodSandBox', 'Pulling', 'Pulled', 'Created', 'Started']);
/** It waited for long; why, another event tells. */
const waited = /\b(?:unmounted|unattached) volumes=/;

export const volumeNotMounted = defineRule({
  id: 'volume-not-mounted',
  description: 'The node cannot mount a volume of the pod: its ConfigMap, Secret or disk is not there, or fails.',
  step: 'target',
  requires: ['pod', 'pod-events'],
  ofClientToo: true,
  withholds: ['podStart', 'pod'],
  advice: {
    who: 'the owner of the workload',
    commands: [
      'kubectl -n {namespace} describe pod {pod}   # Volumes, and its events: FailedMount, FailedAttachVolume',
      'kubectl -n {namespace} get configmaps,secrets,persistentvolumeclaims   # is there each that the pod names?',
      'kubectl get volumeattachments   # does another node hold the disk?',
      'journalctl -u kubelet --since -30min --grep {pod}   # on {node}',
    ],
  },
  messages: {
    waits: {
      title: 'Node {node} cannot mount {volume} of {namespace}/{pod}',
      detail:
        'The kubelet of {node} reported this {times}, last at {last}: {said}. The pod gets its network, and its ' +
        'containers start, once all its volumes are mounted.',
    },
  },
  judge({ pod, 'pod-events': events }, _considered, evidence) {
    const failure = failureOf(events);
    // Events end after an hour: none is no proof that the volumes are mounted.
    if (!failure) return notApplicable('no event of the kubelet says that it could not mount a volume');
    const { message, at, count } = failure;
    const name =
      /\bvolume "([^"]{1,63})"/.exec(message)?.[1] ?? /\bunmounted volumes=\[([\w.-]{1,63})/.exec(message)?.[1];
    return fail({
      ...keptFromStarting(pod, evidence('pod-events')),
      message: 'waits',
      data: {
        ...namesOf(pod),
        node: pod.spec.nodeName ?? '',
        volume: name === undefined ? 'a volume' : `volume ${name}`,
        said: saidWords(message.slice(0, 300), ''),
        last: at || 'a time that is not known',
        times: count === 1 ? 'once' : `${count} times`,
      },
    });
  },
});

/** The last that says why, else the last; null: there is none, or the kubelet went on after it. */
function failureOf(events: readonly PodEvent[]): PodEvent | null {
  // What was said before the kubelet went on, as at an earlier start, is over.
  const since = events.findLastIndex(({ reason }) => mounted.has(reason)) + 1;
  const failures = events.slice(since).filter(({ reason }) => reason === failed);
  return failures.findLast(({ message }) => !waited.test(message)) ?? failures.at(-1) ?? null;
}
