/** docs/security.md names a test behind every claim: each of them must be there, under that title. */
import { expect, test } from '@jest/globals';
import { lostTests, namedTests, pageOf } from './named-tests.ts';

const page = pageOf('security.md');

test('every test that the page names exists under that title', () => {
  expect(namedTests(page).length).toBeGreaterThan(30);
  expect(lostTests(namedTests(page))).toEqual([]);
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
