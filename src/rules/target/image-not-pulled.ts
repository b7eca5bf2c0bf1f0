import type { Pod } from '../../model/kubernetes.ts';
import { defineRule, fail, notApplicable } from '../../model/rule.ts';
import { keptFromStarting, namesOf, saidWords, waitingFor } from '../lib/pod-start.ts';

/** Reasons for which a kubelet has a container wait for its image (kubernetes, pkg/kubelet/images/types.go). */
const reasons: readonly string[] = [
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
];

export const imageNotPulled = defineRule({
  id: 'image-not-pulled',
  description: 'A container of the pod waits for its image, which the node cannot pull.',
  step: 'target',
  requires: ['pod'],
  ofClientToo: true,
  withholds: ['podStart', 'pod'],
  advice: {
    who: 'the owner of the workload',
    commands: [
      'kubectl -n {namespace} describe pod {pod}   # its events have the answer of the registry',
      'kubectl -n {namespace} get pod {pod} -o yaml   # image, imagePullPolicy, imagePullSecrets',
      'crictl images   # on {node}: which images it has; ask the registry from there, too',
    ],
  },
  messages: {
    waiting: {
      title: 'Node {node} cannot pull the image of container {container} of {namespace}/{pod}',
      detail: 'The kubelet of {node} says {said}.{image}',
    },
  },
  judge({ pod }, _considered, evidence) {
    if (!pod.spec.nodeName) return notApplicable('the pod is on no node yet');
    const waiting = waitingFor(pod, reasons);
    if (waiting === null) return notApplicable('no container of the pod waits for its image');
    const { container, reason, said } = waiting;
    return fail({
      ...keptFromStarting(pod, evidence('pod')),
      message: 'waiting',
      data: {
        ...namesOf(pod),
        node: pod.spec.nodeName,
        container,
        said: saidWords(reason, said),
        image: imageWords(pod, container),
      },
    });
  },
});

/** The images of init containers are not read. */
function imageWords({ spec }: Pod, container: string): string {
  const image = spec.containers.find(({ name }) => name === container)?.image;
  return image === undefined ? '' : ` Its image is ${image}.`;
}
