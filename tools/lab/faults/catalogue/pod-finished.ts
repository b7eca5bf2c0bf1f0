import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { addPodWithStatus, besideOthers, onlyNewPodFails, removePodWithStatus } from '../pod-with-status.ts';

export const podFinished = defineFault({
  name: 'pod-finished',
  summary: 'a new pod has done its work',
  expects: onlyNewPodFails('pod-finished'),
  beside: besideOthers,
  break: (topology) =>
    addPodWithStatus({ node: podNamed(topology, 'default/mypod').node, status: { phase: 'Succeeded' } }),
  heal: () => removePodWithStatus,
});
