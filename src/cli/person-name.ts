import { quoted, type Parsed } from '../model/target-grammar.ts';

const nameOfPerson = /^[A-Za-z0-9._@-]{1,64}$/;

/** Reads the name of a person. One word: it goes into the audit, into messages and into reasons. */
export function parsePersonName(text: string): Parsed<string> {
  if (nameOfPerson.test(text)) return { ok: true, value: text };
  const rule = 'give one word of letters, digits and . _ @ -, at most 64 characters';
  return { ok: false, problem: `${quoted(text)} is not a name: ${rule}` };
}
