import { nodeNamed, podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';

export const poolOverlapsAnotherNetwork = defineFault({
  name: 'pool-overlaps-another-network',
  summary: 'a bridge docker0 of node-b has a network that covers the address of default/mypod',
  expects: {
    verdict: 'fault',
    roots: ['pool-overlaps-another-network'],
    answers: [
      flow('default/client', 'default/twin'),
      flow('shop/api', 'default/client'),
      flow('shop/db', 'default/mypod'),
      flow('node-b', 'node-a'),
    ],
    silent: [flow('default/client', 'default/mypod')],
  },
  beside: { takes: ['routes of node-b'], endsAt: 'source-node' },
  break: (topology) => {
    const on = podNamed(topology, 'default/client').node;
    const { block } = nodeNamed(topology, podNamed(topology, 'default/mypod').node);
    // Smaller than the block, so that its route wins over Calico's.
    const bridge = block.replace(/\d+\/\d+$/, '1/27');
    return [
      { do: 'run', on, command: ['ip', 'link', 'add', 'docker0', 'type', 'bridge'] },
      { do: 'run', on, command: ['ip', 'addr', 'add', bridge, 'dev', 'docker0'] },
      { do: 'run', on, command: ['ip', 'link', 'set', 'docker0', 'up'] },
    ];
  },
  heal: (topology) => [
    {
      do: 'run',
      on: podNamed(topology, 'default/client').node,
      command: ['ip', 'link', 'delete', 'docker0'],
    },
  ],
});
