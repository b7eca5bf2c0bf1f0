import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { longRun } from '../together/long-run.ts';

const root = resolve(import.meta.dirname, '../..');

test('what only the long run tries is there', () => {
  expect(longRun.filter((file) => !existsSync(resolve(root, file)))).toEqual([]);
});

test('the short run says how many suites it leaves out', () => {
  const [counts = ''] = /grep -c "[^"]+" \S+(?=\))/.exec(readFileSync(resolve(root, 'scripts/test'), 'utf8')) ?? [];
  expect(Number(execFileSync('sh', ['-c', counts], { cwd: root, encoding: 'utf8' }))).toBe(longRun.length);
});
