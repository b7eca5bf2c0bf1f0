import { endpointName } from '../../objects/calico-datastore.ts';
import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { chainsOf } from '../felix.ts';
import { flow } from '../flows.ts';

const pod = 'default/mypod';

export const workloadEndpointMissing = defineFault({
  name: 'workload-endpoint-missing',
  summary: 'the endpoint of default/mypod is deleted from the datastore',
  datastores: ['etcd'],
  expects: {
    verdict: 'fault',
    roots: ['workload-endpoint-missing'],
    consequences: ['pod-route-missing'],
    answers: [flow('default/client', 'shop/db'), flow('default/client', 'default/twin'), flow('node-b', 'node-a')],
    silent: [flow('default/client', pod)],
  },
  break: (topology) => [
    { do: 'remove-calico', kind: 'workloadendpoint', name: endpointName(podNamed(topology, pod)) },
    chainsOf(topology, pod, 'gone'),
  ],
  heal: (topology) => [
    { do: 'restore-calico', kind: 'workloadendpoint', name: endpointName(podNamed(topology, pod)) },
    chainsOf(topology, pod, 'there'),
  ],
});
