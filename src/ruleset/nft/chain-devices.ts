import { QuotedText } from '../text/quoted-text.ts';

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
  for (const line of linesOf(text)) {
    const [, newFamily, newTable] = /^table (\S+) (\S+) \{/.exec(line) ?? [];
    if (newFamily && newTable) [family, table] = [newFamily, newTable];
    chain = /^\s+chain (\S+) \{/.exec(line)?.[1] ?? chain;
    const devices = /^\s+type \S+ hook (?:ingress|egress) devices? (?:= \{ ([^}]*) \}|(\S+)) /.exec(line);
    if (devices)
      found.set(
        chainKey(family, table, chain),
        (devices[1] ?? devices[2] ?? '').split(',').map((name) => name.trim().replaceAll('"', '')),
      );
  }
  return found;
}

/** A chain's comment may hold line ends: what stands in it is not a line. */
function* linesOf(text: string): Generator<string> {
  const quoted = new QuotedText(text, { escapes: false });
  for (let at = 0, end: number | null = 0; at < text.length; at = end + 1) {
    end = quoted.endOfLine(at);
    if (end === null) return;
    yield text.slice(at, end);
  }
}
