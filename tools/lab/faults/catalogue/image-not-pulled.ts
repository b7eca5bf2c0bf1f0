import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { addPodWithStatus, removePodWithStatus } from '../pod-with-status.ts';

export const imageNotPulled = defineFault({
  name: 'image-not-pulled',
  summary: 'the image of a new pod of node-a cannot be pulled',
  expects: {
    asks: ['default/newpod'],
    verdict: 'fault',
    roots: ['image-not-pulled'],
    consequences: ['pod-not-running', 'pod-without-address'],
    answers: [flow('default/client', 'default/mypod')],
    silent: [],
    others: [{ asks: ['default/mypod'], verdict: 'healthy' }],
  },
  break: (topology) =>
    addPodWithStatus({
      node: podNamed(topology, 'default/mypod').node,
      status: {
        phase: 'Pending',
        containerStatuses: [
          {
            name: 'main',
            image: 'lab/server:1',
            imageID: '',
            ready: false,
            restartCount: 0,
            state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "lab/server:1"' } },
          },
        ],
      },
    }),
  heal: () => removePodWithStatus,
});
