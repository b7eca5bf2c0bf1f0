import { defineCommand } from '../model/command.ts';
import { inPod } from './lib/in-pod.ts';

/** Only where the chains cannot be listed. */
export const nftListTables = defineCommand({
  id: 'nft-list-tables',
  argv: ['nft', 'list', 'tables'],
  timeoutSeconds: 5,
  maxBytes: 1_000_000,
});
/** One chain: of a table that iptables-nft keeps, only those that its save leaves out, or may print wrong. */
export const nftListChain = defineCommand({
  id: 'nft-list-chain',
  argv: ['nft', '-j', 'list', 'chain', '{family:family}', '{table:chain}', '{chain:chain}'],
  timeoutSeconds: 5,
  maxBytes: 8_000_000,
});
/** Only where a rule that nft alone can print asks a set by name. */
export const nftListSets = defineCommand({
  id: 'nft-list-sets',
  argv: ['nft', '-j', 'list', 'sets', '{family:family}'],
  timeoutSeconds: 5,
  maxBytes: 8_000_000,
});
/** As for sets. */
export const nftListMaps = defineCommand({
  id: 'nft-list-maps',
  argv: ['nft', '-j', 'list', 'maps', '{family:family}'],
  timeoutSeconds: 5,
  maxBytes: 8_000_000,
});
/** One table that is not iptables-nft's own. */
export const nftListTable = defineCommand({
  id: 'nft-list-table',
  argv: ['nft', '-j', 'list', 'table', '{family:family}', '{table:chain}'],
  timeoutSeconds: 5,
  maxBytes: 32_000_000,
});
/** One table of a pod's own. */
export const nftListTableInPod = defineCommand({
  id: 'nft-list-table-in-pod',
  argv: [...inPod, 'nft', '-j', 'list', 'table', '{family:family}', '{table:chain}'],
  timeoutSeconds: 4,
  maxBytes: 4_000_000,
});
/**
 * Every chain without its rules, with hooks, priorities and devices. Costs nothing, however many rules there are:
 * unlike `nft list tables`, which reads them all.
 */
export const nftListChains = defineCommand({
  id: 'nft-list-chains',
  argv: ['nft', 'list', 'chains'],
  timeoutSeconds: 5,
  maxBytes: 4_000_000,
});
