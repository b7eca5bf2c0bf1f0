/** The devices of chains at ingress and egress, by `chainKey`. */
export type ChainDevices = ReadonlyMap<string, readonly string[]>;

export function chainKey(family: string | null, table: string | null, chain: string | null): string {
  return `${family} ${table} ${chain}`;
}

/** Reads `nft list chains`: unlike nft's JSON up to 1.0.6, its text says of which devices a chain sees the packets. */
export function parseChainDevices(text: string): ChainDevices {
  const found = new Map<string, readonly string[]>();
  let family: string | null = null;
  let table: string | null = null;
  let chain: string | null = null;
  for (const line of text.split('\n')) {
    const [, newFamily, newTable] = /^table (\S+) (\S+) \{/.exec(line) ?? [];
    if (newFamily && newTable) [family, table] = [newFamily, newTable];
    chain = /^\s+chain (\S+) \{/.exec(line)?.[1] ?? chain;
    const devices = /^\s+type \S+ hook (?:ingress|egress) devices? (?:= \{ ([^}]*) \}|(\S+)) /.exec(line);
    if (devices) found.set(chainKey(family, table, chain), (devices[1] ?? devices[2] ?? '').split(',').map((name) => name.trim().replaceAll('"', '')));
  }
  return found;
}
