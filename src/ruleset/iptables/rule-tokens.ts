import { closingQuote, isBlank, type Quoting } from '../text/quoted-text.ts';

export interface Token {
  readonly text: string;
  readonly quoted: boolean;
  /** Offsets in the line, quotes included. */
  readonly start: number;
  readonly end: number;
}

/** One option of a rule with its arguments, and whether `!` stood before it. */
export interface Option {
  /** Without dashes: `dport`, `s`. */
  readonly name: string;
  readonly negated: boolean;
  readonly args: readonly string[];
  /** As written. */
  readonly text: string;
}

/** Options of one `-m module`; those before any module (addresses, interfaces, protocol) have the module ''. */
export interface OptionGroup {
  readonly module: string;
  readonly options: readonly Option[];
  readonly text: string;
}

export interface TokenizedRule {
  readonly chain: string;
  readonly groups: readonly OptionGroup[];
  readonly target: {
    readonly name: string;
    readonly goto: boolean;
    readonly options: readonly Option[];
    readonly text: string;
  } | null;
}

/**
 * Splits a line as the printing program joined it: blanks separate, a `"` at the start of a word quotes up to the next
 * one.
 * @returns null where a quote is open at the end, or something other than a blank follows a closing one
 */
export function tokenize(line: string, { escapes }: Quoting = { escapes: true }): Token[] | null {
  const tokens: Token[] = [];
  let at = 0;
  while (at < line.length) {
    const code = line.charCodeAt(at);
    if (isBlank(code) || code === carriageReturn) {
      at += 1;
      continue;
    }
    const start = at;
    if (code === doubleQuote) {
      const close = closingQuote(line, at + 1, escapes);
      if (close === -1 || (close + 1 < line.length && !isBlank(line.charCodeAt(close + 1)))) return null;
      const inside = line.slice(at + 1, close);
      at = close + 1;
      tokens.push({
        text: escapes && inside.includes('\\') ? inside.replace(/\\(.)/gs, '$1') : inside,
        quoted: true,
        start,
        end: at,
      });
    } else {
      while (at < line.length && !isBlank(line.charCodeAt(at))) at += 1;
      tokens.push({ text: line.slice(start, at), quoted: false, start, end: at });
    }
  }
  return tokens;
}

const doubleQuote = 0x22;
const carriageReturn = 0x0d;
const dash = 0x2d;

/** Options whose one argument is text that people choose; it may look like an option. */
const takesText = new Set(['comment', 'log-prefix', 'nflog-prefix', 'string', 'hex-string', 'prefix']);
const jumps = new Set(['-j', '--jump', '-g', '--goto']);
/** Options that belong to no module, wherever they stand. */
const baseOptions = new Set([
  '-p',
  '-s',
  '-d',
  '-i',
  '-o',
  '-f',
  '--protocol',
  '--proto',
  '--source',
  '--src',
  '--destination',
  '--dst',
  '--in-interface',
  '--out-interface',
  '--fragment',
]);

/** With any other number of arguments, one would be overlooked. */
function takesOne(option: string): boolean {
  return (
    option === '-m' ||
    option === '--match' ||
    jumps.has(option) ||
    (baseOptions.has(option) && option !== '-f' && option !== '--fragment')
  );
}

interface Draft {
  options: Option[];
  start: number;
  end: number;
}

/**
 * Groups the words of an `-A` line (without counters) into options by module.
 * @returns null if iptables did not print the line: an option without a dash, two targets, a line end outside of text
 * that people choose
 */
export function groupOptions(line: string): TokenizedRule | null {
  const [, chain = '', behind = -1] = chainOf(line) ?? [];
  if (behind === -1) return null;
  const tokens = tokenize(line.slice(behind));
  if (!tokens) return null;
  const written = (from: number, to: number) => line.slice(behind + from, behind + to);
  const groups: (Draft & { module: string })[] = [{ module: '', options: [], start: 0, end: 0 }];
  let target: (Draft & { name: string; goto: boolean }) | null = null;
  let at = 0;
  while (at < tokens.length) {
    const { start } = tokens[at] ?? { start: 0 };
    const negated = isPlain(tokens[at], '!');
    if (negated) at += 1;
    const option = tokens[at];
    if (!option || option.quoted || !isOption(option.text)) return null;
    at += 1;
    const name = option.text.slice(option.text.charCodeAt(1) === dash ? 2 : 1);
    const isText = takesText.has(name);
    const args: string[] = [];
    let { end } = option;
    for (let token = tokens[at]; token && !startsOption(tokens, at, isText && args.length === 0); token = tokens[at]) {
      if (!isText && token.text.includes('\n')) return null;
      args.push(token.text);
      ({ end } = token);
      at += 1;
      if (isText) break;
    }
    if (takesOne(option.text) && args.length !== 1) return null;
    if (option.text === '-m' || option.text === '--match') {
      groups.push({ module: args[0] ?? '', options: [], start, end });
    } else if (jumps.has(option.text)) {
      if (target || tokens[at - 1]?.quoted) return null;
      target = { name: args[0] ?? '', goto: option.text === '-g' || option.text === '--goto', options: [], start, end };
    } else {
      const owner = target ?? (baseOptions.has(option.text) ? groups[0] : groups.at(-1));
      owner?.options.push({ name, negated, args, text: written(start, end) });
      if (!owner) continue;
      if (owner.end === 0) owner.start = start;
      owner.end = end;
    }
  }
  if (!target && endsInName(groups.at(-1))) return null;
  const told = ({ start, end }: Draft) => written(start, end);
  return {
    chain,
    groups: groups
      .filter(({ module, options }) => module !== '' || options.length > 0)
      .map((group) => ({ module: group.module, options: group.options, text: told(group) })),
    target: target && { name: target.name, goto: target.goto, options: target.options, text: told(target) },
  };
}

/** `-A NAME`: the name is printed as it is, whatever it holds. Returns it and the offset behind it. */
function chainOf(line: string): readonly [whole: string, name: string, behind: number] | null {
  if (!line.startsWith('-A ')) return null;
  const blank = line.indexOf(' ', 3);
  const behind = blank === -1 ? line.length : blank;
  return behind === 3 ? null : ['-A', line.slice(3, behind), behind];
}

/** Options whose argument is a name that iptables prints as it is, line ends included. */
const namesAsTheyAre = new Set(['name', 'hashlimit-name', 'path', 'nfacct-name', 'match-set', 'label']);

/**
 * Does the rule end in such a name, without an action? Its rest may stand behind a line end in the name, and look like
 * other rules.
 */
function endsInName(group: Draft | undefined): boolean {
  const last = group?.options.at(-1);
  return last !== undefined && namesAsTheyAre.has(last.name) && last.args.length < 2;
}

function isOption(text: string): boolean {
  const first = text.charCodeAt(0) === dash ? (text.charCodeAt(1) === dash ? 2 : 1) : 0;
  const letter = text.charCodeAt(first) | 0x20;
  return first > 0 && letter >= 0x61 && letter <= 0x7a;
}

function startsOption(tokens: readonly Token[], at: number, isText: boolean): boolean {
  const token = tokens[at];
  if (!token || token.quoted || isText) return false;
  if (token.text !== '!') return isOption(token.text);
  const next = tokens[at + 1];
  return next !== undefined && !next.quoted && isOption(next.text);
}

function isPlain(token: Token | undefined, text: string): boolean {
  return token !== undefined && !token.quoted && token.text === text;
}
