import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { addPodWithStatus, besideOthers, onlyNewPodFails, removePodWithStatus } from '../pod-with-status.ts';

export const podEvicted = defineFault({
  name: 'pod-evicted',
  summary: 'node-a evicted a new pod, as its disk was full',
  expects: onlyNewPodFails('pod-evicted'),
  beside: besideOthers,
  break: (topology) =>
    addPodWithStatus({
      node: podNamed(topology, 'default/mypod').node,
      status: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: ephemeral-storage.' },
    }),
  heal: () => removePodWithStatus,
});
