/** What `iptables.ts` reads of IPv4, of IPv6: with the same limits, and for flows of IPv6 alone. */
import { defineCommand } from '../model/command.ts';
import { inPod } from './lib/in-pod.ts';

const whole = { timeoutSeconds: 10, maxBytes: 32_000_000 } as const;
const few = { timeoutSeconds: 4, maxBytes: 4_000_000 } as const;

/** Bare, and only where /proc/net/ip6_tables_names says that tables are in use: -t or -L would create tables. */
export const ip6tablesLegacySave = defineCommand({
  id: 'ip6tables-legacy-save',
  argv: ['ip6tables-legacy-save', '-c'],
  ...whole,
});
export const ip6tablesNftSave = defineCommand({
  id: 'ip6tables-nft-save',
  argv: ['ip6tables-nft-save', '-c'],
  ...whole,
});
/** One table behind the rule at which the whole save ends. Only for tables that are there: it makes none. */
export const ip6tablesNftSaveTable = defineCommand({
  id: 'ip6tables-nft-save-table',
  argv: ['ip6tables-nft-save', '-c', '-t', '{table:name}'],
  ...whole,
});
/** One chain of a table that cannot be saved, with counters. Only for chains that are there: it makes none. */
export const ip6tablesNftListChain = defineCommand({
  id: 'ip6tables-nft-list-chain',
  argv: ['ip6tables-nft', '-t', '{table:name}', '-v', '-S', '{chain:chain}'],
  timeoutSeconds: 10,
  maxBytes: 8_000_000,
});
export const ip6tablesLegacySaveInPod = defineCommand({
  id: 'ip6tables-legacy-save-in-pod',
  argv: [...inPod, 'ip6tables-legacy-save', '-c'],
  ...few,
});
export const ip6tablesNftSaveInPod = defineCommand({
  id: 'ip6tables-nft-save-in-pod',
  argv: [...inPod, 'ip6tables-nft-save', '-c'],
  ...few,
});
