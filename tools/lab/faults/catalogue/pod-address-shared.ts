import { labPod, podNamed, type LabPod, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import type { Step } from '../steps.ts';

/** Without a server: who asks default/mypod for its port is refused by the other pod. */
const second = (topology: Topology): LabPod =>
  labPod({
    namespace: 'default',
    name: 'second',
    node: podNamed(topology, 'default/client').node,
    ip: podNamed(topology, 'default/mypod').ip,
    labels: { app: 'second' },
    ports: [],
    owner: null,
  });

/** Felix leads the node's packets for the address to the pod, or does so no more. */
function awaitRoute(topology: Topology, wanted: boolean): Step {
  const { node: on, ip, interface: own } = second(topology);
  return {
    do: 'await',
    what: `Felix of ${on} to ${wanted ? 'have' : 'drop'} the route to ${ip}`,
    on,
    command: ['sh', '-c', `${wanted ? '' : '! '}ip route show ${ip} | grep -q ${own}`],
    seconds: 30,
  };
}

export const podAddressShared = defineFault({
  name: 'pod-address-shared',
  summary: 'a pod of node-b has the address of default/mypod, as after a restored backup of the datastore',
  expects: {
    verdict: 'fault',
    roots: ['pod-address-duplicated'],
    consequences: ['pool-overlaps-another-network'],
    answers: [flow('default/client', 'default/twin'), flow('shop/db', 'default/mypod', 8080), flow('node-b', 'node-a')],
    silent: [flow('default/client', 'default/mypod', 8080)],
  },
  beside: {
    takes: ['routes of node-b', 'eth0 of the pod'],
    endsAt: 'source-node',
    // node-b leads the packet to a pod of its own: by which interface it would come in on node-a is not known.
    hides: ['reverse-path-filtered'],
  },
  break: (topology) => [{ do: 'add-pod', pod: second(topology) }, awaitRoute(topology, true)],
  heal: (topology) => [{ do: 'remove-pod', pod: second(topology) }, awaitRoute(topology, false)],
});
