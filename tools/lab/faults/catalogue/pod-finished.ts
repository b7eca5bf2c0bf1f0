import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { addPodWithStatus, removePodWithStatus } from '../pod-with-status.ts';

export const podFinished = defineFault({
  name: 'pod-finished',
  summary: 'a new pod has done its work',
  expects: {
    asks: ['default/newpod'],
    verdict: 'fault',
    roots: ['pod-finished'],
    consequences: ['pod-not-running', 'pod-without-address'],
    answers: [flow('default/client', 'default/mypod')],
    silent: [],
    others: [{ asks: ['default/mypod'], verdict: 'healthy' }],
  },
  break: (topology) =>
    addPodWithStatus({ node: podNamed(topology, 'default/mypod').node, status: { phase: 'Succeeded' } }),
  heal: () => removePodWithStatus,
});
