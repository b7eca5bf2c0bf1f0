import type { Table } from '../../model/ruleset/rules.ts';
import { closingQuote, isBlank, QuotedText } from '../text/quoted-text.ts';
import { parseIptablesSave } from './save.ts';

/** A table that iptables-nft keeps. */
interface ListedTable {
  readonly family: 'ip' | 'ip6';
  readonly name: string;
}

/**
 * Parses what `iptables-nft -v -S CHAIN` (or `ip6tables-nft`) prints of several chains of a table: rules as in a save,
 * with their counters behind the matches (`-c 3 180`).
 * @param names of every chain in the table, so that jumps are known as such
 */
export function parseListedChains(
  { family, name }: ListedTable,
  texts: readonly string[],
  names: readonly string[],
): Table | null {
  const save = [
    `*${name}`,
    ...names.map((chain) => `:${chain} - [0:0]`),
    ...texts.flatMap((text) => [...savedLines(text)]),
    'COMMIT\n',
  ].join('\n');
  return parseIptablesSave(save, { backend: 'iptables-nft', family, counted: true }).tables[0] ?? null;
}

function* savedLines(text: string): Generator<string> {
  const quoted = new QuotedText(text, { escapes: true });
  for (let at = 0, end: number | null = 0; at < text.length; at = end + 1) {
    end = quoted.endOfLine(at);
    // The last line must end with a line feed, too: without one it is half a rule.
    if (end === null || end === text.length) return;
    const line = text.slice(at, end);
    if (line.startsWith('-A ')) yield savedLine(line);
  }
}

/** Moves a rule's counters to the front. A line without any stays as it is, and becomes an uncertainty. */
function savedLine(line: string): string {
  for (let at = 0; at < line.length; at += 1) {
    if (line.charAt(at) === '"' && isBlank(line.charCodeAt(at - 1))) {
      const close = closingQuote(line, at + 1, true);
      if (close === -1) return line;
      at = close;
    }
    if (!line.startsWith(' -c ', at)) continue;
    const [found, packets, bytes] = /^ -c (\d{1,20}) (\d{1,20})(?= |$)/.exec(line.slice(at, at + 60)) ?? [];
    if (found !== undefined) return `[${packets}:${bytes}] ${line.slice(0, at)}${line.slice(at + found.length)}`;
  }
  return line;
}
