import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';

export const trafficControlDrops = defineFault({
  name: 'traffic-control-drops',
  summary: 'a queue of tc that has no room for any packet, at the interface of default/mypod on its node',
  expects: {
    verdict: 'fault',
    roots: ['traffic-control-drops'],
    answers: [flow('default/client', 'default/twin'), flow('shop/api', 'default/client')],
    silent: [flow('default/client', 'default/mypod'), flow('shop/db', 'default/mypod')],
  },
  // Routes and filters of the node come first: a packet that ends there is in no queue.
  beside: { takes: ['interface of default/mypod'], endsAt: 'target-interface', shownBy: 'packets' },
  break: (topology) => {
    const { node: on, interface: device } = podNamed(topology, 'default/mypod');
    return [
      {
        do: 'run',
        on,
        command: `tc qdisc add dev ${device} root tbf rate 8kbit burst 1600 limit 1`.split(' '),
      },
    ];
  },
  heal: (topology) => {
    const { node: on, interface: device } = podNamed(topology, 'default/mypod');
    return [{ do: 'run', on, command: ['tc', 'qdisc', 'delete', 'dev', device, 'root'] }];
  },
});
