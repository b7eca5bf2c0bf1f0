import { defineFault } from '../fault.ts';
import { newPodDoesNotRun } from '../pod-with-status.ts';

export const podEvicted = defineFault({
  name: 'pod-evicted',
  summary: 'node-a evicted a new pod, as its disk was full',
  ...newPodDoesNotRun('pod-evicted', {
    phase: 'Failed',
    reason: 'Evicted',
    message: 'The node was low on resource: ephemeral-storage.',
  }),
});
