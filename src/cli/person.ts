import { userInfo } from 'node:os';
import { quoted, type Parsed } from '../model/target-grammar.ts';

const nameOfPerson = /^[A-Za-z0-9._@-]{1,64}$/;

/** One word: a name goes into the audit, into messages and into reasons. */
export function parsePersonName(text: string): Parsed<string> {
  if (nameOfPerson.test(text)) return { ok: true, value: text };
  return {
    ok: false,
    problem: `${quoted(text)} is not a name: give one word of letters, digits and . _ @ -, at most 64 characters`,
  };
}

/** Who works at the command line: the name given or the user's own, and the user id that the system vouches for. */
export function localPerson(name: string | null): string {
  const { username, uid } = userInfo();
  const own = nameOfPerson.test(username) ? username : 'unknown';
  return `${name ?? own} (cli, uid ${uid})`;
}
