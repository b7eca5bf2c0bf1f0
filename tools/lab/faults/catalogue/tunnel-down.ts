import { isBare, tunnelled, tunnelOf } from '../../encapsulation.ts';
import { nodeNamed, podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import type { Step } from '../steps.ts';

export const tunnelDown = defineFault({
  name: 'tunnel-down',
  summary: 'the tunnel device of the source node node-b is down, and with it the routes through it',
  encaps: tunnelled,
  expects: {
    verdict: 'fault',
    roots: ['tunnel-device-down'],
    consequences: ['block-route-missing'],
    answers: [flow('shop/api', 'default/client'), flow('shop/db', 'default/mypod'), flow('node-b', 'node-a')],
    silent: [flow('default/client', 'default/mypod')],
  },
  // Then nothing tells by which interface the packet would come in on the other node.
  beside: {
    takes: ['tunnel of node-b'],
    endsAt: 'source-node',
    hides: ['reverse-path-filtered', 'ip-forward-disabled'],
  },
  break: (topology) => {
    const on = podNamed(topology, 'default/client').node;
    return [
      { do: 'hold-tunnel', node: on },
      { do: 'run', on, command: ['ip', 'link', 'set', tunnelOf(topology).device, 'down'] },
    ];
  },
  heal: (topology) => {
    const on = podNamed(topology, 'default/client').node;
    const { device } = tunnelOf(topology);
    const own = nodeNamed(topology, on);
    const peers = topology.nodes.filter((one) => one.name !== on && !isBare(topology, own, one));
    return [
      { do: 'release-tunnel', node: on },
      { do: 'run', on, command: ['ip', 'link', 'set', device, 'up'] },
      ...peers.map(({ block }): Step => ({
        do: 'await',
        what: `the route to ${block}`,
        on,
        command: ['sh', '-c', `ip route show ${block} | grep -q ${device}`],
        seconds: 15,
      })),
    ];
  },
});
