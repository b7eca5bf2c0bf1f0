import { defineFault } from '../fault.ts';
import { lostBetweenNodes } from '../flows.ts';

const table = 'security-group';
const chain = 'chain transit { type filter hook forward priority 0; policy accept; udp dport 4789 counter drop; };';

export const vxlanBlocked = defineFault({
  name: 'vxlan-blocked',
  summary: 'UDP port 4789 is dropped between the nodes, as by a cloud security group',
  encaps: ['vxlan', 'crosssubnet'],
  expects: {
    verdict: 'fault',
    roots: ['vxlan-lost-between-nodes'],
    ...lostBetweenNodes,
  },
  // Within a subnet the bridge carries it, between two the router does.
  beside: { takes: ['underlay'], endsAt: 'network', shownBy: 'packets' },
  break: () => [
    {
      do: 'run',
      on: 'underlay',
      command: ['nft', `table bridge ${table} { ${chain} }; table ip ${table} { ${chain} }`],
    },
  ],
  heal: () => [
    {
      do: 'run',
      on: 'underlay',
      command: [
        'nft',
        ['bridge', 'ip'].map((family) => `add table ${family} ${table}; delete table ${family} ${table}`).join('; '),
      ],
    },
  ],
});
