/** docs/support.md says which clusters are supported, with a test behind every kind. */
import { expect, test } from '@jest/globals';
import { lostTests, namedTests, pageOf } from './named-tests.ts';

const page = pageOf('support.md');
const rows = page
  .slice(page.indexOf('| part |'))
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(1)
  .map((line) => line.split('|').map((cell) => cell.trim()));

test('every kind says how far it is supported, and names a test that exists under that title', () => {
  expect(rows.length).toBeGreaterThan(20);
  for (const [, , kind, support, named = ''] of rows) {
    expect(kind).not.toBe('');
    expect([kind, support]).toEqual([kind, expect.stringMatching(/^(?:full|reads|not yet)$/)]);
    expect([kind, namedTests(named)]).toEqual([kind, [expect.anything()]]);
  }
  expect(lostTests(namedTests(page))).toEqual([]);
});

test('a test that is not there, and one of another title, are seen', () => {
  const of = (title: string, file: string) => lostTests(namedTests(`[${title}](../test/contracts/${file})`));
  expect(of('every kind says how far', 'support-page.test.ts')).toEqual([]);
  expect(of('no such title, in two parts'.toUpperCase(), 'support-page.test.ts')).toHaveLength(1);
  expect(of('every kind says how far', 'lost-page.test.ts')).toHaveLength(1);
});

test.each(['Calico', 'installed by', 'datastore', 'encapsulation', 'dataplane', 'way to the nodes', 'host'])(
  '%s has a kind that is supported in full',
  (part) => {
    const first = rows.findIndex(([, cell]) => cell === part);
    const next = rows.findIndex(([, cell], at) => at > first && cell !== '');
    expect(rows.slice(first, next < 0 ? undefined : next).map(([, , , support]) => support)).toContain('full');
  },
);
