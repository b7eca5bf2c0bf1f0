import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import {
  addPodWithStatus,
  besideOthers,
  onlyNewPodFails,
  removePodWithStatus,
  stoppedContainer,
} from '../pod-with-status.ts';

export const imageNotPulled = defineFault({
  name: 'image-not-pulled',
  summary: 'the image of a new pod of node-a cannot be pulled',
  expects: onlyNewPodFails('image-not-pulled'),
  beside: besideOthers,
  break: (topology) =>
    addPodWithStatus({
      node: podNamed(topology, 'default/mypod').node,
      status: {
        phase: 'Pending',
        containerStatuses: [
          stoppedContainer({
            state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "lab/server:1"' } },
          }),
        ],
      },
    }),
  heal: () => removePodWithStatus,
});
