/** Files that a person can read: the formatter breaks code, and leaves comments and strings as they are. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';

const root = resolve(import.meta.dirname, '../..');
const mostColumns = 120;
const mostLines = 300;

/** Programs of these rooms that git knows, or would add. */
const files = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', 'src', 'scripts', 'tools'],
  { cwd: root, encoding: 'utf8' },
)
  .split('\n')
  .filter((name) => /\.(?:ts|mjs)$/.test(name) && existsSync(`${root}/${name}`));

test.each(['src/', 'scripts/', 'tools/'])('%s holds programs', (room) => {
  expect(files.filter((name) => name.startsWith(room)).length).toBeGreaterThan(10);
});

test(`no line is longer than ${mostColumns} columns, and no file than ${mostLines} lines`, () => {
  const tooLong = files.flatMap((name) => {
    const lines = readFileSync(`${root}/${name}`, 'utf8').split('\n');
    return [
      ...lines.flatMap((line, at) => (line.length > mostColumns ? [`${name}:${at + 1}: ${line.length} columns`] : [])),
      ...(lines.length - 1 > mostLines ? [`${name}: ${lines.length - 1} lines`] : []),
    ];
  });
  expect(tooLong).toEqual([]);
});
