/** Folders that are made, and those that cannot be. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder, tryFolder } from '../../src/adapters/make-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-folder-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const mode = async (path: string) => (await stat(path)).mode & 0o777;

test('the folders above it are made, too, and only their owner enters them', async () => {
  await Promise.all([makeFolder(join(folder, 'a/b/c')), makeFolder(join(folder, 'a/b/d'))]);
  await makeFolder(join(folder, 'a/b/c'));
  expect(await Promise.all(['a', 'a/b', 'a/b/c', 'a/b/d'].map((path) => mode(join(folder, path))))).toEqual([
    0o700, 0o700, 0o700, 0o700,
  ]);
});

test('a link to a folder is a folder', async () => {
  await makeFolder(join(folder, 'there'));
  await symlink(join(folder, 'there'), join(folder, 'link'));
  await makeFolder(join(folder, 'link/below'));
  expect(await readdir(join(folder, 'there'))).toEqual(['below']);
});

test.each([
  ['below a folder in which nothing can be made', () => '/proc/none/below', 'ENOENT'],
  ['where a file has its name', () => join(folder, 'file'), 'EEXIST'],
  ['below a file', () => join(folder, 'file/below/it'), 'ENOTDIR'],
])('%s it cannot be made, and that is told', async (_, path, code) => {
  await writeFile(join(folder, 'file'), '');
  await expect(makeFolder(path())).rejects.toMatchObject({ code });
  await expect(tryFolder(path())).rejects.toMatchObject({ code });
});

test('trying a folder leaves nothing in it', async () => {
  await tryFolder(join(folder, 'state'));
  expect(await readdir(join(folder, 'state'))).toEqual([]);
});
