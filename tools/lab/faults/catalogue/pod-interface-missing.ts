import type { Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { newPod } from '../new-pod.ts';
import type { Step } from '../steps.ts';

function programmed(topology: Topology): Step {
  const { node, ip, interface: device } = newPod(topology);
  return {
    do: 'await',
    what: `the route to ${ip}`,
    on: node,
    command: ['sh', '-c', `ip route show ${ip} | grep -q ${device}`],
    seconds: 30,
  };
}

export const podInterfaceMissing = defineFault({
  name: 'pod-interface-missing',
  summary: 'default/newpod is added to node-a, then the interface of the node that leads to it is deleted',
  expects: {
    asks: ['default/newpod'],
    verdict: 'fault',
    roots: ['pod-interface-missing'],
    consequences: ['pod-route-missing'],
    answers: [flow('default/client', 'default/mypod'), flow('default/client', 'shop/db')],
    silent: [flow('default/client', 'default/newpod')],
  },
  break: (topology) => {
    const { node, interface: device } = newPod(topology);
    return [
      { do: 'add-pod', pod: newPod(topology) },
      programmed(topology),
      { do: 'run', on: node, command: ['ip', 'link', 'delete', device] },
    ];
  },
  heal: (topology) => [{ do: 'remove-pod', pod: newPod(topology) }],
});
