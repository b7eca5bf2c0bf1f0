import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';

const table = 'bridge path-mtu';

export const pathMtuSmall = defineFault({
  name: 'path-mtu-small',
  summary: 'the network between the nodes drops packets of more than 1400 bytes, and says nothing',
  parameters: { to: 'a node: only packets to it are dropped' },
  expects: {
    verdict: 'fault',
    roots: ['path-mtu-too-small'],
    answers: [
      flow('node-a', 'default/mypod'),
      flow('default/client', 'default/mypod'),
      flow('default/client', 'default/mypod', 8080),
      flow('node-b', 'node-a'),
    ],
    silent: [],
  },
  variants: [
    {
      parameters: { to: 'node-a' },
      expects: {
        verdict: 'fault',
        roots: ['path-mtu-too-small'],
        answers: [flow('default/client', 'default/mypod', 8080)],
        silent: [],
      },
    },
  ],
  beside: { takes: ['path MTU'], endsAt: null, shownBy: 'working-flow' },
  break: ({ nodes }, { to }) => {
    const addresses = nodes.map(({ address }) => address).join(', ');
    const only = to === undefined ? addresses : (nodes.find(({ name }) => name === to)?.address ?? to);
    const rule = `ip saddr { ${addresses} } ip daddr { ${only} } meta length gt 1400 counter drop;`;
    return [
      {
        do: 'run',
        on: 'underlay',
        command: ['nft', `table ${table} { chain transit { type filter hook forward priority 0; ${rule} }; }`],
      },
    ];
  },
  // Also when somebody has opened it by hand: a table that is gone is added first.
  heal: () => [{ do: 'run', on: 'underlay', command: ['nft', `add table ${table}; delete table ${table}`] }],
});
