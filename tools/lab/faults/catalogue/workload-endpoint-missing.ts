import { endpointName } from '../../objects/calico-datastore.ts';
import { podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { ruleGone, ruleThere, type Step } from '../steps.ts';

const pod = 'default/mypod';

const awaitChains = (topology: Topology, wanted: 'there' | 'gone'): Step => {
  const { node: on, interface: name } = podNamed(topology, pod);
  const chain = `-A cali-tw-${name} `;
  return {
    do: 'await',
    what: `Felix of ${on} to ${wanted === 'there' ? 'program' : 'forget'} ${name}`,
    on,
    command: wanted === 'there' ? ruleThere(topology.dataplane, chain) : ruleGone(topology.dataplane, chain),
    seconds: 30,
  };
};

export const workloadEndpointMissing = defineFault({
  name: 'workload-endpoint-missing',
  summary: 'the endpoint of default/mypod is deleted from the datastore',
  expects: {
    verdict: 'fault',
    roots: ['workload-endpoint-missing'],
    consequences: ['pod-route-missing'],
    answers: [flow('default/client', 'shop/db'), flow('default/client', 'default/twin'), flow('node-b', 'node-a')],
    silent: [flow('default/client', pod)],
  },
  break: (topology) => [
    { do: 'remove-calico', kind: 'workloadendpoint', name: endpointName(podNamed(topology, pod)) },
    awaitChains(topology, 'gone'),
  ],
  heal: (topology) => [
    { do: 'restore-calico', kind: 'workloadendpoint', name: endpointName(podNamed(topology, pod)) },
    awaitChains(topology, 'there'),
  ],
});
