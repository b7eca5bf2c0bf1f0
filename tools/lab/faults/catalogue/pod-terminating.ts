import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { addPodWithStatus, statusedPod } from '../pod-with-status.ts';

export const podTerminating = defineFault({
  name: 'pod-terminating',
  summary: 'a finalizer keeps a pod whose containers have ended',
  expects: {
    asks: ['default/newpod'],
    verdict: 'fault',
    roots: ['pod-terminating'],
    consequences: ['pod-not-running', 'pod-without-address'],
    answers: [flow('default/client', 'default/mypod')],
    silent: [],
    others: [{ asks: ['default/mypod'], verdict: 'healthy' }],
  },
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
