import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';

export const podAddressDuplicated = defineFault({
  name: 'pod-address-duplicated',
  summary: 'a bridge of node-a has the address of default/mypod',
  expects: {
    verdict: 'fault',
    roots: ['pod-address-duplicated'],
    answers: [
      flow('default/client', 'shop/db'),
      flow('default/client', 'default/twin'),
      flow('shop/api', 'default/client'),
      flow('node-b', 'node-a'),
    ],
    silent: [flow('default/client', 'default/mypod', 8080)],
  },
  // The kernel refuses a packet from an address of its own before it asks the rules.
  beside: { takes: ['local addresses'], endsAt: 'target-node', hides: ['routing-rule-diverts'] },
  break: (topology) => {
    const { node: on, ip } = podNamed(topology, 'default/mypod');
    return [
      { do: 'run', on, command: ['ip', 'link', 'add', 'spare0', 'type', 'bridge'] },
      { do: 'run', on, command: ['ip', 'link', 'set', 'spare0', 'up'] },
      { do: 'run', on, command: ['ip', 'addr', 'add', `${ip}/32`, 'dev', 'spare0'] },
    ];
  },
  heal: (topology) => [
    {
      do: 'run',
      on: podNamed(topology, 'default/mypod').node,
      command: ['ip', 'link', 'delete', 'spare0'],
    },
  ],
});
