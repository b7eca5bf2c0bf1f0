import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const root = resolve(import.meta.dirname, '../..');
let copy = '';
const text = (path: string) => readFileSync(`${copy}/${path}`, 'utf8');
/** Runs a program of the copy with this Node. */
function run(...argv: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...argv], { cwd: copy, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
}

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'cc-new-'));
  for (const part of [
    'src',
    'scripts',
    'docs',
    'deploy',
    'test',
    'tools',
    'package.json',
    'tsconfig.json',
    'jest.config.json',
  ])
    cpSync(`${root}/${part}`, `${copy}/${part}`, { recursive: true });
  symlinkSync(`${root}/node_modules`, `${copy}/node_modules`);
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

test('a new rule is written, listed and generated, and its tests fail until they are filled in', () => {
  const made = run('scripts/new.ts', 'rule', 'ip-forward-off', '--step', 'routes');
  expect(made).toEqual({ status: 0, said: expect.stringContaining('Next:') });
  expect(text('src/rules/registry.ts')).toMatch(/ipForwardDisabled,\s+ipForwardOff,/);
  expect(text('test/contracts/causes.ts')).toContain("'ip-forward-off'");
  expect(existsSync(`${copy}/docs/causes/ip-forward-off.md`)).toBe(true);
  expect(run('scripts/generate.ts', '--check')).toEqual({ status: 0, said: '' });
  const table = run(
    '--experimental-vm-modules',
    'node_modules/jest/bin/jest.js',
    '-c',
    'jest.config.json',
    '-i',
    'test/rules/routes/ip-forward-off.test.ts',
  );
  expect(table.status).toBe(1);
  expect(table.said).toContain('the lab has no fault ip-forward-off');
  expect(table.said).toMatch(/› fails: TODO[^]*› passes: all is well/);
});

test.each([
  ['no step', ['rule', 'pod-lost'], 'usage:'],
  ['an unknown step', ['rule', 'pod-lost', '--step', 'moon'], '"moon" is not a step'],
  ['a path', ['rule', '../pod-lost', '--step', 'target'], 'is not an id'],
  ['an id that exists', ['rule', 'pod-not-running', '--step', 'routes'], 'src/rules/target/pod-not-running.ts exists'],
  ['an unknown option', ['rule', 'pod-lost', '--stop', 'x'], "Unknown option '--stop'"],
])('%s: exit 3, nothing is written', (_, argv, said) => {
  const before = text('src/rules/registry.ts');
  expect(run('scripts/new.ts', ...argv)).toEqual({ status: 3, said: expect.stringContaining(said) });
  expect(text('src/rules/registry.ts')).toBe(before);
});
