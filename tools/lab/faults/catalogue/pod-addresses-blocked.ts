import { addresses } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { lostBetweenNodes } from '../flows.ts';

const table = 'port-security';

export const podAddressesBlocked = defineFault({
  name: 'pod-addresses-blocked',
  summary: "the network between the nodes drops what has pods' addresses, as port security of a cloud does",
  encaps: ['none'],
  expects: {
    verdict: 'fault',
    roots: ['pool-encapsulation-mismatch'],
    ...lostBetweenNodes,
  },
  beside: { takes: ['underlay'], endsAt: 'network', shownBy: 'packets' },
  break: () => [
    {
      do: 'run',
      on: 'underlay',
      command: [
        'nft',
        `table bridge ${table} {
          chain transit {
            type filter hook forward priority 0; policy accept;
            ip saddr ${addresses.pool} counter drop
            ip daddr ${addresses.pool} counter drop
          };
        }`,
      ],
    },
  ],
  heal: () => [
    { do: 'run', on: 'underlay', command: ['nft', `add table bridge ${table}; delete table bridge ${table}`] },
  ],
});
