export interface Token {
  readonly text: string;
  readonly quoted: boolean;
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
  readonly target: { readonly name: string; readonly goto: boolean; readonly options: readonly Option[]; readonly text: string } | null;
}

/** Splits a line of a save as iptables-restore does: blanks separate, `"` quotes, `\` escapes inside quotes. */
export function tokenize(line: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /"((?:[^"\\]|\\.)*)"|(\S+)/g;
  for (const [, quoted, plain] of line.matchAll(pattern)) {
    if (quoted === undefined) tokens.push({ text: plain ?? '', quoted: false });
    else tokens.push({ text: quoted.replace(/\\(.)/g, '$1'), quoted: true });
  }
  return tokens;
}

const takesOneArgument = new Set(['comment', 'log-prefix', 'nflog-prefix', 'string', 'hex-string', 'prefix']);
const rulePart = /^--?[A-Za-z]/;

/**
 * Groups the tokens of an `-A` line (without counters) into options by module.
 * @returns null where the line is not a rule
 */
export function groupOptions(line: string): TokenizedRule | null {
  const tokens = tokenize(line);
  if (tokens[0]?.text !== '-A' || tokens[1] === undefined) return null;
  const groups: { module: string; options: Option[]; text: string }[] = [{ module: '', options: [], text: '' }];
  let target: { name: string; goto: boolean; options: Option[]; text: string } | null = null;
  let at = 2;
  while (at < tokens.length) {
    const start = at;
    const negated = isPlain(tokens[at], '!');
    if (negated) at += 1;
    const option = tokens[at];
    if (!option || option.quoted || !rulePart.test(option.text)) return null;
    at += 1;
    const name = option.text.replace(/^--?/, '');
    const args: string[] = [];
    while (at < tokens.length && !startsOption(tokens, at, takesOneArgument.has(name) && args.length === 0)) {
      args.push(tokens[at]?.text ?? '');
      at += 1;
      if (takesOneArgument.has(name)) break;
    }
    const text = tokens.slice(start, at).map(written).join(' ');
    if (option.text === '-m' || option.text === '--match') {
      groups.push({ module: args[0] ?? '', options: [], text });
    } else if (['-j', '--jump', '-g', '--goto'].includes(option.text)) {
      target = { name: args[0] ?? '', goto: option.text.endsWith('g') || option.text === '--goto', options: [], text };
    } else {
      const group = baseOptions.has(option.text) ? groups[0] : groups.at(-1);
      const owner = target ?? group;
      owner?.options.push({ name, negated, args, text });
      if (owner) owner.text = owner.text === '' ? text : `${owner.text} ${text}`;
    }
  }
  return { chain: tokens[1].text, groups: groups.filter(({ module, options }) => module !== '' || options.length > 0), target };
}

/** Options that belong to no module, wherever they stand. */
const baseOptions = new Set(['-p', '-s', '-d', '-i', '-o', '-f', '--protocol', '--proto', '--source', '--src', '--destination', '--dst', '--in-interface', '--out-interface', '--fragment']);

/** Writes a token as iptables-save does. */
export function written({ text, quoted }: Token): string {
  return quoted ? `"${text.replace(/["'\\]/g, (character) => `\\${character}`)}"` : text;
}

function startsOption(tokens: readonly Token[], at: number, isText: boolean): boolean {
  const token = tokens[at];
  if (!token || token.quoted || isText) return false;
  if (token.text === '!') {
    const next = tokens[at + 1];
    return next !== undefined && !next.quoted && rulePart.test(next.text);
  }
  return rulePart.test(token.text);
}

function isPlain(token: Token | undefined, text: string): boolean {
  return token !== undefined && !token.quoted && token.text === text;
}
