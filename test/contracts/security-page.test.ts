/** docs/security.md names a test behind every claim: each of them must be there, under that title. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(`${root}/docs/security.md`, 'utf8');

/** `[title](../path/of.test.ts)`: how the page names a test. */
const named = [...page.matchAll(/\[([^\]]+)\]\(\.\.\/([\w./-]+\.test\.ts)\)/g)].map(([, title = '', file = '']) => ({
  title,
  file,
}));

/** Text of a test file without escapes, so that a title reads as it is printed. */
const content = (file: string) => {
  try {
    return readFileSync(`${root}/${file}`, 'utf8').replaceAll(String.raw`\'`, "'");
  } catch {
    return null;
  }
};

test('every test that the page names exists under that title', () => {
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter(({ title, file }) => !content(file)?.includes(title))).toEqual([]);
});

test('every row of the table of defences names a test', () => {
  const section = page.slice(page.indexOf('## What stops what'), page.indexOf('## What a thief can'));
  const defences = section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1);
  expect(defences.length).toBeGreaterThan(30);
  expect(defences.filter((row) => !row.includes('.test.ts)'))).toEqual([]);
});
