import type { Backend } from '../model/ruleset/places.ts';

/**
 * Finds in Felix's log which packet filter it programs: the last line that says so counts. Sources:
 * felix/config/config_params.go, felix/nftables/utils.go and felix/environment/feature_detect_linux.go.
 * @returns null where no line says so: what Felix logs when it starts may have left the log's end
 */
export function felixBackend(log: readonly string[]): Backend | null {
  let isNative: boolean | null = null;
  let iptables: Backend | null = null;
  for (const line of log) {
    const mode = /Parsed value for NFTablesMode: (Enabled|Disabled)/.exec(line)?.[1];
    const choice = of(line, 'whether or not to use nftables', / useNftables=(true|false)/);
    const command = of(line, 'Looked up iptables command', / command="ip6?tables-(legacy|nft)-(?:save|restore)"/);
    if (mode !== undefined) isNative = mode === 'Enabled';
    if (choice !== undefined) isNative = choice === 'true';
    if (command !== undefined) iptables = command === 'nft' ? 'iptables-nft' : 'iptables-legacy';
  }
  return isNative === true ? 'nftables' : iptables;
}

function of(line: string, message: string, field: RegExp): string | undefined {
  return line.includes(message) ? field.exec(line)?.[1] : undefined;
}
