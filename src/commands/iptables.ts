import { defineCommand } from '../model/command.ts';
import { inPod } from './lib/in-pod.ts';

/** Bare, and only where /proc/net/ip_tables_names says that tables are in use: with -t or -L it would create tables. */
export const iptablesLegacySave = defineCommand({
  id: 'iptables-legacy-save',
  argv: ['iptables-legacy-save', '-c'],
  timeoutSeconds: 10,
  maxBytes: 32_000_000,
});
/**
 * Costs as much as the node has rules, also where no packet meets them: for 100,000 rules 0.8 s of the node's processor
 * and 134 MB (iptables 1.8.9), beside 0.15 s of the bot's to parse and walk them. `iptables-nft -v -S` of one chain
 * takes 0.01 s there. So a long save could be replaced: list the chains, then print the base chains, the chains that
 * they jump to, and all of Calico's, which rules judge unused, too. Chains that nothing jumps to stay unread. Two
 * things are in the way. A node of many pods has hundreds of chains, one process each, so a short save must stay a
 * save; but neither nft nor iptables tells how many rules there are without reading them. And chains whose jumps the
 * packet misses count as reached, because this reading begins before the packet is known.
 */
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
