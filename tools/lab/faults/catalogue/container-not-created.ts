import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import {
  addPodWithStatus,
  besideOthers,
  onlyNewPodFails,
  removePodWithStatus,
  stoppedContainer,
} from '../pod-with-status.ts';

export const containerNotCreated = defineFault({
  name: 'container-not-created',
  summary: 'a new pod of node-a names a ConfigMap that is not there',
  expects: onlyNewPodFails('container-not-created'),
  beside: besideOthers,
  break: (topology) =>
    addPodWithStatus({
      node: podNamed(topology, 'default/mypod').node,
      status: {
        phase: 'Pending',
        containerStatuses: [
          stoppedContainer({
            state: { waiting: { reason: 'CreateContainerConfigError', message: 'configmap "web" not found' } },
          }),
        ],
      },
    }),
  heal: () => removePodWithStatus,
});
