import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import {
  addPodWithStatus,
  besideOthers,
  onlyNewPodFails,
  removePodWithStatus,
  statusedPod,
  stoppedContainer,
} from '../pod-with-status.ts';

const events = '/api/v1/namespaces/default/events';

export const volumeNotMounted = defineFault({
  name: 'volume-not-mounted',
  summary: 'a volume of a new pod of node-a is made of a ConfigMap that is not there',
  expects: onlyNewPodFails('volume-not-mounted'),
  beside: besideOthers,
  break: (topology) => {
    const { node } = podNamed(topology, 'default/mypod');
    return [
      ...addPodWithStatus({
        node,
        status: {
          phase: 'Pending',
          containerStatuses: [stoppedContainer({ state: { waiting: { reason: 'ContainerCreating' } } })],
        },
      }),
      {
        do: 'report',
        collection: events,
        about: statusedPod,
        event: {
          metadata: { name: 'newpod.1', namespace: 'default' },
          type: 'Warning',
          reason: 'FailedMount',
          message: 'MountVolume.SetUp failed for volume "config" : configmap "web" not found',
          source: { component: 'kubelet', host: node },
          count: 9,
        },
      },
    ];
  },
  heal: () => [{ do: 'remove-object', path: `${events}/newpod.1` }, ...removePodWithStatus],
});
