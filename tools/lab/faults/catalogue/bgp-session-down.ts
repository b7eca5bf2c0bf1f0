import { birdSocket, meshSession } from '../../nodes/bird.ts';
import { awaitRoutes, endNodes } from '../bgp-routes.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';

const table = 'security-group';

export const bgpSessionDown = defineFault({
  name: 'bgp-session-down',
  summary: 'TCP port 179 is dropped between node-a and node-b, so that neither learns the routes of the other',
  encaps: ['none'],
  expects: {
    verdict: 'fault',
    roots: ['bgp-session-down'],
    consequences: ['block-route-missing'],
    answers: [
      flow('node-a', 'default/mypod'),
      flow('shop/db', 'default/mypod'),
      flow('default/twin', 'default/mypod'),
      flow('node-b', 'node-a'),
    ],
    silent: [flow('default/client', 'default/mypod')],
  },
  beside: { takes: ['underlay', 'routes'], endsAt: 'source-node' },
  break: (topology) => {
    const { source, target } = endNodes(topology);
    const drop = `ip saddr { ${source.address}, ${target.address} } ip daddr { ${source.address}, ${target.address} }`;
    return [
      {
        do: 'run',
        on: 'underlay',
        command: [
          'nft',
          `table bridge ${table} {
            chain transit {
              type filter hook forward priority 0; policy accept;
              ${drop} tcp dport 179 counter drop
              ${drop} tcp sport 179 counter drop
            };
          }`,
        ],
      },
      { do: 'run', on: source.name, command: ['birdc', '-s', birdSocket, 'restart', meshSession(target)] },
      { do: 'run', on: target.name, command: ['birdc', '-s', birdSocket, 'restart', meshSession(source)] },
      ...awaitRoutes(topology, false),
    ];
  },
  heal: (topology) => [
    { do: 'run', on: 'underlay', command: ['nft', `add table bridge ${table}; delete table bridge ${table}`] },
    ...awaitRoutes(topology, true),
  ],
});
