import { defineCommand } from '../model/command.ts';
import { inPod } from './lib/in-pod.ts';

export const nftListTables = defineCommand({
  id: 'nft-list-tables',
  argv: ['nft', 'list', 'tables'],
  timeoutSeconds: 5,
  maxBytes: 1_000_000,
});
/** One table that is not iptables-nft's own. */
export const nftListTable = defineCommand({
  id: 'nft-list-table',
  argv: ['nft', '-j', 'list', 'table', '{family:family}', '{table:name}'],
  timeoutSeconds: 5,
  maxBytes: 32_000_000,
});
/** One table of a pod's own. */
export const nftListTableInPod = defineCommand({
  id: 'nft-list-table-in-pod',
  argv: [...inPod, 'nft', '-j', 'list', 'table', '{family:family}', '{table:name}'],
  timeoutSeconds: 4,
  maxBytes: 4_000_000,
});
/** Only where a chain of a device is there whose device the JSON does not name. */
export const nftListChains = defineCommand({
  id: 'nft-list-chains',
  argv: ['nft', 'list', 'chains'],
  timeoutSeconds: 5,
  maxBytes: 4_000_000,
});
