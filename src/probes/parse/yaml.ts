import { parse } from 'yaml';
import { LookError } from '../../model/look-error.ts';

/** The parser takes some microseconds a byte and a sign: together these limits are well below a second. */
const mostBytes = 2_000_000;
/** Keys, list items, brackets and quotes. A list of 1,000 policies has some 40,000. */
const mostSigns = 50_000;
/** On one line. A block of YAML has few of them there; the parser takes long over many. */
const mostSignsOfLine = 1000;
/** Quotes count too: the parser's time grows with the square of those that stand where none belongs. */
const sign = /[[{,#\n"']|[:?-](?=\s)/g;

/**
 * Parses YAML that others filled, with limits on its size. Keys that stand twice are taken (the last one counts): to
 * look for them takes time that grows with the square of their number. Nothing that is printed here has aliases.
 * @param what printed it, for the error
 * @throws LookError output-too-large, not-parsed
 */
export function parseYaml(text: string, what: string): unknown {
  if (text.length > mostBytes)
    throw new LookError('output-too-large', `${what} printed more YAML than may be parsed: ${text.length} bytes`);
  let signs = 0;
  let ofLine = 0;
  for (const [found] of text.matchAll(sign)) {
    signs += 1;
    ofLine = found === '\n' ? 0 : ofLine + 1;
    if (signs > mostSigns || ofLine > mostSignsOfLine) {
      throw new LookError('output-too-large', `${what} printed more keys and items than may be parsed`);
    }
  }
  try {
    return parse(text, { logLevel: 'error', uniqueKeys: false, maxAliasCount: 0 });
  } catch (error) {
    throw new LookError('not-parsed', `${what} printed no YAML: ${String(error).slice(0, 120)}`);
  }
}
