import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** A test that a page of docs/ names behind a claim: `[title](../path/of.test.ts)`. */
export interface NamedTest {
  readonly title: string;
  readonly file: string;
}

export const pageOf = (name: string): string => readFileSync(`${root}/docs/${name}`, 'utf8');

/** Every test that a text names; a suite that others call is one as well. */
export function namedTests(text: string): readonly NamedTest[] {
  return [...text.matchAll(/\[([^\]]+)\]\(\.\.\/([\w./-]+(?:\.test|-suite)\.ts)\)/g)].map(
    ([, title = '', file = '']) => ({ title, file }),
  );
}

/** Those of the tests that are not there under their title. */
export const lostTests = (named: readonly NamedTest[]): readonly NamedTest[] =>
  named.filter(({ title, file }) => !content(file)?.includes(title));

/** Text of a test file without escapes, so that a title reads as it is printed. */
function content(file: string): string | null {
  try {
    return readFileSync(`${root}/${file}`, 'utf8').replaceAll(String.raw`\'`, "'");
  } catch {
    return null;
  }
}
