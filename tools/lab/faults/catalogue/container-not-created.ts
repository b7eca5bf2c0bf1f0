import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { addPodWithStatus, removePodWithStatus } from '../pod-with-status.ts';

export const containerNotCreated = defineFault({
  name: 'container-not-created',
  summary: 'a new pod of node-a names a ConfigMap that is not there',
  expects: {
    asks: ['default/newpod'],
    verdict: 'fault',
    roots: ['container-not-created'],
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
            state: { waiting: { reason: 'CreateContainerConfigError', message: 'configmap "web" not found' } },
          },
        ],
      },
    }),
  heal: () => removePodWithStatus,
});
