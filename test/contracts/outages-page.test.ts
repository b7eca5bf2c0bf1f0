/** docs/outages.md says what a diagnosis says of outages that people reported, with a test behind every row. */
import { expect, test } from '@jest/globals';
import { rules } from '../../src/rules/registry.ts';
import { catalogue } from '../../tools/lab/faults/catalogue/registry.ts';
import { lostTests, namedTests, pageOf } from './named-tests.ts';

const page = pageOf('outages.md');
const rows = page
  .slice(page.indexOf('| report |'))
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(1)
  .map((line) => line.split('|').map((cell) => cell.trim()));
const named = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, id]) => id);

test('every report has causes and faults that there are, and a test that exists under its title', () => {
  const causes = rules.map(({ id }) => id);
  const faults = catalogue.map(({ name }) => name);
  expect(rows.length).toBeGreaterThan(10);
  for (const [, report, , verdict = '', fault = '', shown = ''] of rows) {
    expect(report).toMatch(/^\d+(?:, \d+)*$/);
    expect([report, named(verdict)]).not.toEqual([report, []]);
    expect(causes).toEqual(expect.arrayContaining(named(verdict)));
    expect(faults).toEqual(expect.arrayContaining(named(fault)));
    expect([report, namedTests(shown)]).toEqual([report, [expect.anything()]]);
  }
  expect(lostTests(namedTests(page))).toEqual([]);
});

test('no report is told twice', () => {
  const numbers = rows.flatMap(([, report = '']) => report.split(', '));
  expect(new Set(numbers).size).toBe(numbers.length);
});
