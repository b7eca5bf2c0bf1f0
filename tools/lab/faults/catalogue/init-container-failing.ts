import { defineFault } from '../fault.ts';
import { newPodDoesNotRun, stoppedContainer } from '../pod-with-status.ts';

export const initContainerFailing = defineFault({
  name: 'init-container-failing',
  summary: 'the init container of a new pod of node-a ends with an error, again and again',
  ...newPodDoesNotRun('init-container-failing', {
    phase: 'Pending',
    initContainerStatuses: [
      stoppedContainer({
        name: 'wait',
        restartCount: 4,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { reason: 'Error', exitCode: 1 } },
      }),
    ],
    containerStatuses: [
      stoppedContainer({
        state: { waiting: { reason: 'PodInitializing' } },
      }),
    ],
  }),
});
