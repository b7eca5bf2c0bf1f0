import { defineFault } from '../fault.ts';
import { newPodDoesNotRun, stoppedContainer } from '../pod-with-status.ts';

export const imageNotPulled = defineFault({
  name: 'image-not-pulled',
  summary: 'the image of a new pod of node-a cannot be pulled',
  ...newPodDoesNotRun('image-not-pulled', {
    phase: 'Pending',
    containerStatuses: [
      stoppedContainer({
        state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "lab/server:1"' } },
      }),
    ],
  }),
});
