import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkCaseFolder } from '../../src/cli/case-folder.ts';
import { program } from './program.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-case-'));
  await mkdir(join(folder, 'empty'));
  await mkdir(join(folder, 'used'), { mode: 0o755 });
  await writeFile(join(folder, 'used', 'case.json'), '{}');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(['empty', 'new', 'new/below'])('a case may be saved in a folder that is %s', async (name) => {
  await expect(checkCaseFolder(join(folder, name))).resolves.toBeUndefined();
});

test.each([
  ['one with files', 'used', /^--case: the folder .*used is not empty$/],
  ['a file', 'used/case.json', /^--case: .*case\.json is not a folder that can be read \(ENOTDIR\)$/],
])('a case is not saved in %s', async (_, name, words) => {
  await expect(checkCaseFolder(join(folder, name))).rejects.toThrow(words);
});

test('a folder of others is wrong usage, and keeps its mode', async () => {
  const kubeconfig = join(folder, 'used', 'case.json');
  const argv = ['diagnose', 'default/mypod', '--kubeconfig', kubeconfig, '--case', join(folder, 'used')];
  expect(await program(argv, { HOME: folder, REDIS_URL: 'redis://127.0.0.1:1' })).toMatchObject({
    exit: 3,
    out: '',
    err: expect.stringContaining('is not empty. Name a new folder.'),
  });
  expect((await stat(join(folder, 'used'))).mode & 0o777).toBe(0o755);
}, 120_000);
