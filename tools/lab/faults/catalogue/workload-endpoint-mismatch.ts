import { endpointName } from '../../objects/calico-datastore.ts';
import { podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { ruleGone, ruleThere, type Step } from '../steps.ts';

const pod = 'default/mypod';
const wrong = 'cali00000000000';

const nameInterface = (topology: Topology, interfaceName: string): Step => ({
  do: 'patch-calico',
  kind: 'workloadendpoint',
  name: endpointName(podNamed(topology, pod)),
  patch: { spec: { interfaceName } },
});

/** Waits until Felix has chains for one interface, and none for the other. */
const awaitChains = (topology: Topology, there: string, gone: string): readonly Step[] => {
  const { node: on } = podNamed(topology, pod);
  const what = `Felix of ${on} to program ${there} and not ${gone}`;
  return [
    { do: 'await', what, on, command: ruleThere(topology.dataplane, `-A cali-tw-${there} `), seconds: 30 },
    { do: 'await', what, on, command: ruleGone(topology.dataplane, `-A cali-tw-${gone} `), seconds: 30 },
  ];
};

export const workloadEndpointMismatch = defineFault({
  name: 'workload-endpoint-mismatch',
  summary: 'the endpoint of default/mypod names an interface that its node does not have',
  datastores: ['etcd'],
  expects: {
    verdict: 'fault',
    roots: ['workload-endpoint-mismatch'],
    consequences: ['pod-route-missing'],
    answers: [flow('default/client', 'shop/db'), flow('default/client', 'default/twin'), flow('node-b', 'node-a')],
    silent: [flow('default/client', pod)],
  },
  break: (topology) => [
    nameInterface(topology, wrong),
    ...awaitChains(topology, wrong, podNamed(topology, pod).interface),
  ],
  heal: (topology) => [
    nameInterface(topology, podNamed(topology, pod).interface),
    ...awaitChains(topology, podNamed(topology, pod).interface, wrong),
  ],
});
