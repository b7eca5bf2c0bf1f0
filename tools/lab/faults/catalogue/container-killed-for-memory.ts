import { defineFault } from '../fault.ts';
import { newPodDoesNotRun, stoppedContainer } from '../pod-with-status.ts';

export const containerKilledForMemory = defineFault({
  name: 'container-killed-for-memory',
  summary: 'a new pod of node-a crash-loops, as it uses more memory than its limit',
  ...newPodDoesNotRun('container-killed-for-memory', {
    phase: 'Running',
    containerStatuses: [
      stoppedContainer({
        restartCount: 7,
        state: {
          waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container=main' },
        },
        lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } },
      }),
    ],
  }),
});
