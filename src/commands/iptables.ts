import { defineCommand } from '../model/command.ts';

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
