import { own } from '../../model/own.ts';
import { QuotedText } from '../text/quoted-text.ts';

/** A chain as `nft list chains` prints it, without its rules. */
export interface ListedChain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  /** null: a chain reached by jumps only. */
  readonly base: ListedBase | null;
}
interface ListedBase {
  /** In nft's words: `forward`, `ingress`. */
  readonly hook: string;
  readonly type: string;
  /** null: its words are not known. */
  readonly priority: number | null;
  readonly devices: readonly string[];
}

/** nft's words for priorities, but those of bridges (nftables, src/rule.c). */
const priorities: Readonly<Record<string, number>> = {
  raw: -300,
  mangle: -150,
  dstnat: -100,
  filter: 0,
  security: 50,
  srcnat: 100,
};

/** Parses `nft list chains`: every chain of every family, base chains with hook, priority and devices. */
export function parseChainList(text: string): readonly ListedChain[] {
  const found: ListedChain[] = [];
  let family = '';
  let table = '';
  for (const line of linesOf(text)) {
    const [, newFamily, newTable] = /^table (\S+) (\S+) \{/.exec(line) ?? [];
    if (newFamily && newTable) [family, table] = [newFamily, newTable];
    const name = /^\s+chain (\S+) \{/.exec(line)?.[1];
    if (name !== undefined && table !== '') found.push({ family, table, name, base: null });
    const base = baseOf(line);
    const last = found.at(-1);
    if (base && last) found[found.length - 1] = { ...last, base };
  }
  return found;
}

function baseOf(line: string): ListedBase | null {
  const [, type = '', hook = '', devices = '', priority = ''] =
    /^\s+type (\S+) hook (\S+) (?:devices? (= \{ [^}]* \}|\S+) )?priority ([^;]+);/.exec(line) ?? [];
  if (type === '') return null;
  return { type, hook, priority: priorityOf(priority.trim()), devices: deviceNames(devices) };
}

/** `-5`, `filter`, `filter - 5`, `srcnat + 1`. */
function priorityOf(text: string): number | null {
  if (/^-?\d{1,10}$/.test(text)) return Number(text);
  const [, word = '', sign, offset] = /^([a-z]+)(?: ([+-]) (\d{1,10}))?$/.exec(text) ?? [];
  const start = own(priorities, word);
  return start === undefined ? null : start + (sign === '-' ? -1 : 1) * Number(offset ?? 0);
}

function deviceNames(printed: string): readonly string[] {
  const names = printed.startsWith('=') ? printed.slice(4, -2) : printed;
  return names.split(',').flatMap((name) => name.trim().replaceAll('"', '') || []);
}

/** Splits text into lines. A chain's comment may hold line ends, which do not count. */
function* linesOf(text: string): Generator<string> {
  const quoted = new QuotedText(text, { escapes: false });
  for (let at = 0, end: number | null = 0; at < text.length; at = end + 1) {
    end = quoted.endOfLine(at);
    if (end === null) return;
    yield text.slice(at, end);
  }
}
