import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { addPodWithStatus, besideOthers, onlyNewPodFails, statusedPod } from '../pod-with-status.ts';

export const podTerminating = defineFault({
  name: 'pod-terminating',
  summary: 'a finalizer keeps a pod whose containers have ended',
  expects: onlyNewPodFails('pod-terminating'),
  beside: besideOthers,
  break: (topology) => [
    ...addPodWithStatus({
      node: podNamed(topology, 'default/mypod').node,
      status: { phase: 'Succeeded' },
      finalizers: ['example.com/backup'],
    }),
    { do: 'remove-object', path: statusedPod },
  ],
  heal: () => [{ do: 'patch-object', path: statusedPod, patch: { metadata: { finalizers: null } } }],
});
