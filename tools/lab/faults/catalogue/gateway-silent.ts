import { addresses, podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import type { Step } from '../steps.ts';

const pod = 'default/mypod';
/** A pod that has just asked does not ask again for a while. */
const forget: Step = { do: 'run', on: pod, command: ['ip', 'neigh', 'flush', 'dev', 'eth0'] };

function setProxyArp(topology: Topology, value: 0 | 1): Step {
  const { node, interface: own } = podNamed(topology, pod);
  return { do: 'run', on: node, command: ['sysctl', '-qw', `net/ipv4/conf/${own}/proxy_arp=${value}`] };
}

function changeDefault(topology: Topology, how: 'add' | 'delete'): Step {
  const { node } = podNamed(topology, pod);
  return { do: 'run', on: node, command: ['ip', 'route', how, 'default', 'via', addresses.gateway] };
}

const expects = {
  verdict: 'fault',
  roots: ['pod-gateway-silent'],
  answers: [flow('default/client', 'shop/db'), flow('default/client', 'default/twin'), flow('node-b', 'node-a')],
  silent: [flow('default/client', pod), flow('shop/db', pod)],
} as const;

export const gatewaySilent = defineFault({
  name: 'gateway-silent',
  summary: 'the node of default/mypod does not answer ARP for the gateway of the pod: proxy ARP is off',
  parameters: { lost: 'default-route: instead, the node has no default route' },
  expects,
  variants: [
    {
      parameters: { lost: 'default-route' },
      expects,
      // A rule that leads the pod's packets to another default route leads to the gateway, too: the node answers again.
      beside: { needs: ['eth0 of the pod', 'settings of Felix', 'routing rules'] },
    },
  ],
  beside: {
    takes: ['default route of node-a', 'proxy ARP'],
    needs: ['eth0 of the pod', 'settings of Felix'],
    endsAt: 'reply',
  },
  break: (topology, { lost }) => [
    lost === 'default-route' ? changeDefault(topology, 'delete') : setProxyArp(topology, 0),
    forget,
  ],
  heal: (topology, { lost }) => [
    lost === 'default-route' ? changeDefault(topology, 'add') : setProxyArp(topology, 1),
    forget,
  ],
});
