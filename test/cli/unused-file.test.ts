/** A new shell beside what `init` wrote: the first thing that anybody says is which variable it lacks. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from './program.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-unused-'));
  await writeFile(join(folder, 'calico-chatops.yaml'), 'SSH_USER: bot\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (...argv: readonly string[]) => program(argv, { HOME: folder, KUBECONFIG: '/none' }, folder);
const words = 'no configuration file is used, because CALICO_CHATOPS_CONFIG is not set';
const next = () => `Run export CALICO_CHATOPS_CONFIG=${folder}/calico-chatops.yaml; unset KUBECONFIG`;

test('doctor says nothing else, and serve refuses in its words', async () => {
  const [doctor, serve] = await Promise.all([run('doctor'), run('serve')]);
  const [first, ...others] = doctor.out.trim().split('\n');
  expect([first, others.filter((text) => /^(?:ok|warn|FAIL)/.test(text))]).toEqual([
    `FAIL configuration: ${words}. ${next()}`,
    [],
  ]);
  expect(doctor.exit).toBe(3);
  expect(serve).toMatchObject({ exit: 3, err: `error: ${words}. ${next()}, then retry.\n` });
}, 120_000);

test('who goes on without it notes it first, and who needs none does not', async () => {
  const [diagnose, show, asJson, elsewhere, version] = await Promise.all([
    run('diagnose', 'default/mypod'),
    run('config', 'show'),
    run('config', 'check', '-o', 'json'),
    run('diagnose', 'default/mypod', '--kubeconfig', '/none'),
    run('version'),
  ]);
  for (const { err } of [diagnose, show, asJson]) expect(err.split('\n')[0]).toBe(`Note: ${words}. ${next()}`);
  expect(JSON.parse(asJson.out)).toMatchObject({ ok: true });
  expect([elsewhere.err, version.err].join('')).not.toContain(words);
}, 120_000);
