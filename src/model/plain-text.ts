/**
 * Text that others wrote (a cluster, a node, an alert, a user), made safe to show. A terminal, a message and a log line
 * show the same.
 */

/**
 * Characters that act instead of showing: C0 and C1 controls, DEL, the soft hyphen, marks, embeddings, overrides and
 * isolates of text direction, zero-width characters (but not the joiners that scripts and emoji need), line and
 * paragraph separators, blank fillers, and tag characters.
 */
const marks = String.raw`\p{Cc}\u00AD\u061C\u115F\u1160\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F`;
const acting = new RegExp(String.raw`[${marks}\u2800\u3164\uFEFF\uFFA0\uFFF9-\uFFFB\u{E0000}-\u{E007F}]`, 'gu');
const lineBreak = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/g;

/**
 * Returns the text with every acting character written out (`\x1b`, `\u202e`); tabs and line feeds stay. Half
 * characters become U+FFFD.
 */
export function visible(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(acting, (character) => (character === '\n' || character === '\t' ? character : written(character)));
}

/**
 * Returns the text as one line: each line break is shown as ↵, a tab as a space, and every other acting character is
 * written out.
 */
export function oneLine(text: string): string {
  return visible(text.replaceAll(lineBreak, '↵').replaceAll('\t', ' '));
}

/**
 * Returns a JSON document with every acting character in its strings escaped; it says the same. JSON itself escapes
 * only C0 controls. Line feeds between its parts stay.
 */
export function plainJson(json: string): string {
  return json.replaceAll(acting, (character) => (character === '\n' ? character : [...escapes(character)].join('')));
}

function* escapes(character: string): Generator<string> {
  for (let index = 0; index < character.length; index += 1)
    yield `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
}

function written(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code > 0xffff) return `\\u{${digits}}`;
  return code > 0xff ? `\\u${digits.padStart(4, '0')}` : `\\x${digits.padStart(2, '0')}`;
}
