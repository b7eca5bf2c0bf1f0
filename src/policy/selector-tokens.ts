/**
 * One word of a selector. Strings go without their quotes; labels and operators as written, operators of two words with
 * one space.
 */
export interface SelectorToken {
  readonly kind: 'label' | 'string' | 'operator' | 'sign' | 'function';
  readonly text: string;
  /** `has(LABEL)`. */
  readonly label?: string;
}

const label = '[A-Za-z0-9_./-]+';
/** libcalico-go's MaxLabelLength. */
const maxLabelLength = 512;
const operators = new RegExp(
  String.raw`^(?:(contains)|(starts)[ \t]*(with)|(ends)[ \t]*(with)|(not)[ \t]*(in)|(in))(?![A-Za-z0-9_./-])`,
);
const signs = /^(?:==|!=|&&|\|\||[!(){},])/;

/**
 * @returns null where it is not a selector (libcalico-go/lib/selector/tokenizer: blanks and tabs part, `has(` is one
 * word)
 */
export function selectorTokens(text: string): readonly SelectorToken[] | null {
  const tokens: SelectorToken[] = [];
  let rest = text.replace(/^[ \t]+/, '');
  while (rest !== '') {
    const found = nextToken(rest, tokens.at(-1));
    if (!found) return null;
    tokens.push(found.token);
    rest = rest.slice(found.length).replace(/^[ \t]+/, '');
  }
  return tokens;
}

function nextToken(
  rest: string,
  before: SelectorToken | undefined,
): { readonly token: SelectorToken; readonly length: number } | null {
  const quoted = /^"([^"]*)"|^'([^']*)'/.exec(rest);
  if (quoted) return { token: { kind: 'string', text: quoted[1] ?? quoted[2] ?? '' }, length: quoted[0].length };
  const sign = signs.exec(rest)?.[0];
  if (sign) return { token: { kind: 'sign', text: sign }, length: sign.length };
  // A label never follows a label.
  if (before?.kind === 'label') {
    const operator = operators.exec(rest);
    return (
      operator && {
        token: { kind: 'operator', text: operator.slice(1).filter(Boolean).join(' ') },
        length: operator[0].length,
      }
    );
  }
  const [called = '', name = '', argument = ''] =
    new RegExp(String.raw`^(has)\([ \t]*(${label})[ \t]*\)`).exec(rest) ?? /^(all|global)\([ \t]*\)/.exec(rest) ?? [];
  if (called !== '')
    return argument.length > maxLabelLength
      ? null
      : {
          token: { kind: 'function', text: name, ...(name === 'has' ? { label: argument } : {}) },
          length: called.length,
        };
  if (/^(?:has|all|global)\(/.test(rest)) return null;
  const [word = ''] = new RegExp(`^${label}`).exec(rest) ?? [];
  return word === '' || word.length > maxLabelLength
    ? null
    : { token: { kind: 'label', text: word }, length: word.length };
}
