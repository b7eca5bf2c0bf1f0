import { defineCommand } from '../model/command.ts';
import { inPod } from './lib/in-pod.ts';

/** Bare, and only where /proc/net/ip_tables_names says that tables are in use: with -t or -L it would create tables. */
export const iptablesLegacySave = defineCommand({
  id: 'iptables-legacy-save',
  argv: ['iptables-legacy-save', '-c'],
  timeoutSeconds: 10,
  maxBytes: 32_000_000,
});
export const iptablesNftSave = defineCommand({
  id: 'iptables-nft-save',
  argv: ['iptables-nft-save', '-c'],
  timeoutSeconds: 10,
  maxBytes: 32_000_000,
});
/** A pod that has rules at all has few. */
const few = { timeoutSeconds: 4, maxBytes: 4_000_000 } as const;
export const iptablesLegacySaveInPod = defineCommand({
  id: 'iptables-legacy-save-in-pod',
  argv: [...inPod, 'iptables-legacy-save', '-c'],
  ...few,
});
export const iptablesNftSaveInPod = defineCommand({
  id: 'iptables-nft-save-in-pod',
  argv: [...inPod, 'iptables-nft-save', '-c'],
  ...few,
});
/** One table behind the rule at which the whole save ends. Only for tables that are there: it makes none. */
export const iptablesNftSaveTable = defineCommand({
  id: 'iptables-nft-save-table',
  argv: ['iptables-nft-save', '-c', '-t', '{table:name}'],
  timeoutSeconds: 10,
  maxBytes: 32_000_000,
});
/** One chain of a table that cannot be saved, with counters. Only for chains that are there: it makes none. */
export const iptablesNftListChain = defineCommand({
  id: 'iptables-nft-list-chain',
  argv: ['iptables-nft', '-t', '{table:name}', '-v', '-S', '{chain:chain}'],
  timeoutSeconds: 10,
  maxBytes: 8_000_000,
});
