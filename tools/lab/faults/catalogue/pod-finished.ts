import { defineFault } from '../fault.ts';
import { newPodDoesNotRun } from '../pod-with-status.ts';

export const podFinished = defineFault({
  name: 'pod-finished',
  summary: 'a new pod has done its work',
  ...newPodDoesNotRun('pod-finished', { phase: 'Succeeded' }),
});
