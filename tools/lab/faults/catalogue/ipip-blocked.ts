import { defineFault } from '../fault.ts';
import { lostBetweenNodes } from '../flows.ts';

export const ipipBlocked = defineFault({
  name: 'ipip-blocked',
  encaps: ['ipip'],
  eras: ['2', '3'],
  summary: 'IP protocol 4 is dropped between the nodes, as by a cloud security group',
  expects: {
    verdict: 'fault',
    roots: ['ipip-lost-between-nodes'],
    ...lostBetweenNodes,
  },
  beside: { takes: ['underlay'], endsAt: 'network', shownBy: 'packets' },
  break: () => [
    {
      do: 'run',
      on: 'underlay',
      command: [
        'nft',
        `table bridge security-group {
          chain transit { type filter hook forward priority 0; policy accept; ip protocol 4 counter drop; };
        }`,
      ],
    },
  ],
  // Also when somebody has opened it by hand: a table that is gone is added first.
  heal: () => [
    {
      do: 'run',
      on: 'underlay',
      command: ['nft', 'add table bridge security-group; delete table bridge security-group'],
    },
  ],
});
