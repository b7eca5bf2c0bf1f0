import { defineFault } from '../fault.ts';
import { newPodDoesNotRun, stoppedContainer } from '../pod-with-status.ts';

export const containerNotCreated = defineFault({
  name: 'container-not-created',
  summary: 'a new pod of node-a names a ConfigMap that is not there',
  ...newPodDoesNotRun('container-not-created', {
    phase: 'Pending',
    containerStatuses: [
      stoppedContainer({
        state: { waiting: { reason: 'CreateContainerConfigError', message: 'configmap "web" not found' } },
      }),
    ],
  }),
});
