import { defineRule, fail, notApplicable } from '../../model/rule.ts';
import { keptFromStarting, namesOf, saidWords, waitingFor } from '../lib/pod-start.ts';

/** What the kubelet could not read for the container (kubernetes, pkg/kubelet/kuberuntime/kuberuntime_container.go). */
const lacksConfiguration = 'CreateContainerConfigError';
/** The container runtime refused it. */
const refused: readonly string[] = ['CreateContainerError', 'RunContainerError', 'PreCreateHookError'];

export const containerNotCreated = defineRule({
  id: 'container-not-created',
  description: 'The node cannot create a container of the pod: its ConfigMap or Secret is not there, or it is refused.',
  step: 'target',
  requires: ['pod'],
  ofClientToo: true,
  withholds: ['podStart', 'pod'],
  advice: {
    who: 'the owner of the workload',
    commands: [
      'kubectl -n {namespace} describe pod {pod}   # its events say what the kubelet tried',
      'kubectl -n {namespace} get configmaps,secrets   # is there each that the pod names, with its keys?',
    ],
  },
  messages: {
    configuration: {
      title: 'Container {container} of {namespace}/{pod} is not created: its configuration is not there',
      detail: 'The kubelet of {node} says {said}. The container waits until that is there.',
    },
    refused: {
      title: 'Container {container} of {namespace}/{pod} is not created: the container runtime of {node} refuses it',
      detail: 'The kubelet of {node} says {said}.',
    },
  },
  judge({ pod }, _considered, evidence) {
    if (!pod.spec.nodeName) return notApplicable('the pod is on no node yet');
    const waiting = waitingFor(pod, [lacksConfiguration, ...refused]);
    if (waiting === null) return notApplicable('no container of the pod waits to be created');
    const { container, reason, said } = waiting;
    return fail({
      ...keptFromStarting(pod, evidence('pod')),
      message: reason === lacksConfiguration ? 'configuration' : 'refused',
      data: { ...namesOf(pod), node: pod.spec.nodeName, container, said: saidWords(reason, said) },
    });
  },
});
