/** Labels of an alert from its text, by patterns of the configuration: `pod {namespace}/{pod} is down`. */

export type TextPattern = readonly TextPart[];
type TextPart = { readonly label: string } | { readonly words: string };

/** The name of a label or annotation, as texts of the configuration have it: `{namespace}`. */
export const placeholder = /\{([A-Za-z_][\w.-]{0,127})\}/g;
const longestValue = 253;
const longestPattern = 300;
const isValue = (text: string) => /^[A-Za-z0-9][\w.:-]{0,252}$/.test(text);

/** Returns why a pattern of the configuration is of no use, or null. */
export function textPatternProblem(pattern: string): string | null {
  if (pattern.length > longestPattern) return `must have at most ${longestPattern} characters`;
  const parts = textPatternOf(pattern);
  if (!parts.some((part) => 'label' in part)) return `"${pattern}" names no label in braces`;
  if (parts.every((part) => 'label' in part)) return `"${pattern}" has no words beside its labels`;
  return parts.some((part, at) => at > 0 && 'label' in part && 'label' in (parts[at - 1] ?? {}))
    ? `"${pattern}" needs words between two labels`
    : null;
}

/** Returns a text without the marks of bold and of code: nobody sees them in a post. */
export const unmarked = (text: string) => text.replaceAll(/[*`]/g, '');

/** Returns the words and labels of a pattern, in their order. */
export function textPatternOf(given: string): TextPattern {
  const pattern = unmarked(given);
  const parts: TextPart[] = [];
  let end = 0;
  for (const found of pattern.matchAll(placeholder)) {
    if (found.index > end) parts.push({ words: pattern.slice(end, found.index) });
    parts.push({ label: found[1] ?? '' });
    end = found.index + found[0].length;
  }
  if (end < pattern.length) parts.push({ words: pattern.slice(end) });
  return parts;
}

/** Returns the labels of the first place of the line where the pattern stands, or null. Case counts. */
export function matchText(pattern: TextPattern, line: string): Readonly<Record<string, string>> | null {
  const [first] = pattern;
  if (first === undefined) return null;
  const [words, isFirst] = 'words' in first ? [first.words, true] : [wordsIn(pattern[1]), false];
  if (words === '') return null;
  for (let at = line.indexOf(words); at >= 0; at = line.indexOf(words, at + 1)) {
    const found = matchAt(pattern, line, isFirst ? at : valueBefore(line, at));
    if (found) return found;
  }
  return null;
}

const wordsIn = (part: TextPart | undefined) => (part && 'words' in part ? part.words : '');

/** Where the value begins that ends here. */
function valueBefore(line: string, end: number): number {
  const [value = ''] = /[\w.:-]{1,253}$/.exec(line.slice(Math.max(0, end - longestValue), end)) ?? [];
  return end - value.length;
}

function matchAt(pattern: TextPattern, line: string, start: number): Readonly<Record<string, string>> | null {
  const found = new Map<string, string>();
  let at = start;
  for (const [index, part] of pattern.entries()) {
    if ('words' in part) {
      if (!line.startsWith(part.words, at)) return null;
      at += part.words.length;
      continue;
    }
    const next = pattern[index + 1];
    const rest = line.slice(at, at + longestValue + longestPattern);
    const end = next && 'words' in next ? rest.indexOf(next.words) : wordEnd(rest);
    const value = rest.slice(0, Math.max(0, end));
    if (!isValue(value)) return null;
    found.set(part.label, value);
    at += value.length;
  }
  return Object.fromEntries(found);
}

/** Where the first word ends, without the full stop or colon of a sentence. */
function wordEnd(text: string): number {
  const [word = ''] = /^[\w.:-]{1,253}/.exec(text) ?? [];
  return word.replace(/[.:]{1,3}$/, '').length;
}
