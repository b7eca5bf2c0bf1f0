import type { CommandTemplate } from '../../model/command.ts';

/**
 * The readers of a node's packet filters. None of them changes it: `iptables-legacy-save` runs bare and only where
 * /proc/net/ip_tables_names says that the subsystem is in use (with -t or -L it would create tables); nft lists only
 * tables that are not iptables-nft's own.
 */
export const rulesetCommands = {
  'legacy-tables': { argv: ['cat', '/proc/net/ip_tables_names'], timeoutSeconds: 2, maxBytes: 4_000 },
  'legacy-save': { argv: ['iptables-legacy-save', '-c'], timeoutSeconds: 10, maxBytes: 32_000_000 },
  'nft-save': { argv: ['iptables-nft-save', '-c'], timeoutSeconds: 10, maxBytes: 32_000_000 },
  'nft-tables': { argv: ['nft', 'list', 'tables'], timeoutSeconds: 5, maxBytes: 1_000_000 },
  'nft-table': { argv: ['nft', '-j', 'list', 'table', '{family:family}', '{table:name}'], timeoutSeconds: 5, maxBytes: 32_000_000 },
  /** Only where a chain of a device is there whose device the JSON does not name. */
  'nft-chains': { argv: ['nft', 'list', 'chains'], timeoutSeconds: 5, maxBytes: 4_000_000 },
  sets: { argv: ['ipset', 'save'], timeoutSeconds: 5, maxBytes: 16_000_000 },
} as const satisfies Readonly<Record<string, CommandTemplate>>;
export type RulesetCommand = keyof typeof rulesetCommands;
