import { addresses, podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';

const outside = `${addresses.outside}/32`;

export const outsideRouteMissing = defineFault({
  name: 'outside-route-missing',
  summary: 'a route on the node of default/mypod refuses packets to a host outside, which a VPN client left behind',
  expects: {
    asks: ['default/mypod', '--to', `outside:${addresses.outside}`],
    verdict: 'fault',
    roots: ['outside-route-missing'],
    answers: [flow('default/client', 'default/mypod'), flow('node-b', 'node-a')],
    silent: [],
  },
  break: (topology) => [
    {
      do: 'run',
      on: podNamed(topology, 'default/mypod').node,
      command: ['ip', 'route', 'add', 'unreachable', outside],
    },
  ],
  heal: (topology) => [
    {
      do: 'run',
      on: podNamed(topology, 'default/mypod').node,
      command: ['ip', 'route', 'delete', 'unreachable', outside],
    },
  ],
});
