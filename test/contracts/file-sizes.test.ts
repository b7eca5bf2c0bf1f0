/** Files that a person can read: the formatter breaks code, and leaves comments and strings as they are. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';

const root = resolve(import.meta.dirname, '../..');
const mostColumns = 120;
const mostLines = 300;
const rooms = ['src/', 'scripts/', 'tools/', 'test/'] as const;

/** Programs of these rooms that git knows, or would add. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...rooms], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((name) => /\.(?:ts|mjs)$/.test(name) && existsSync(`${root}/${name}`));
const linesOf = (name: string) => readFileSync(`${root}/${name}`, 'utf8').split('\n');

test.each(rooms)('%s holds programs', (room) => {
  expect(files.filter((name) => name.startsWith(room)).length).toBeGreaterThan(10);
});

test(`no file is longer than ${mostLines} lines`, () => {
  const tooLong = files.flatMap((name) => {
    const length = linesOf(name).length - 1;
    return length > mostLines ? [`${name}: ${length} lines`] : [];
  });
  expect(tooLong).toEqual([]);
});

// Tests quote what other programs print, a line as a line.
test(`no line is longer than ${mostColumns} columns, but in tests`, () => {
  const tooLong = files
    .filter((name) => !name.startsWith('test/'))
    .flatMap((name) =>
      linesOf(name).flatMap((line, at) =>
        line.length > mostColumns ? [`${name}:${at + 1}: ${line.length} columns`] : [],
      ),
    );
  expect(tooLong).toEqual([]);
});
