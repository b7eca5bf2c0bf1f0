/** The folder of a supervisor is its container's, which may put another file there while the node looks. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { bashRestartFelix } from '../../src/commands/bash.ts';
import { until } from '../../tools/lab/run.ts';

const netns = `swapped-control-${process.pid}`;
const folder = mkdtempSync(`${tmpdir()}/swapped-control-`);
const [control, victim, orders] = [`${folder}/supervise/control`, `${folder}/victim`, `${folder}/orders`];
const held = 'a file of the node\n';
let supervisor: ChildProcess;

/** Runs the command as the helper does. @param meanwhile what the container does before each time that it is opened */
function restart(meanwhile: string): string {
  const [bash = '', , script = ''] = bashRestartFelix.argv;
  const beforeOpen = String.raw`case $BASH_COMMAND in "[["*) ;; *supervise/control*) ${meanwhile} ;; esac`;
  const argv = ['netns', 'exec', netns, bash, '-c', `trap '${beforeOpen}' DEBUG\n${script}`];
  return execFileSync('ip', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 60_000 });
}

beforeAll(async () => {
  execFileSync('ip', ['netns', 'add', netns]);
  copyFileSync('/bin/bash', `${folder}/runsv`);
  mkdirSync(`${folder}/supervise`);
  execFileSync('mkfifo', [control]);
  const script = `exec 3<>supervise/control; : >orders; while read -r -n 1 -u 3 order; do printf %s $order >>orders; done`;
  writeFileSync(`${folder}/felix`, script);
  const argv = ['netns', 'exec', netns, `${folder}/runsv`, 'felix'];
  supervisor = spawn('ip', argv, { cwd: folder, stdio: 'ignore' });
  await until('the supervisor to read', 60, async () =>
    execFileSync('ls', [folder], { encoding: 'utf8' }).includes('orders') ? true : null,
  );
}, 90_000);
afterAll(() => {
  supervisor.kill('SIGKILL');
  execFileSync('ip', ['netns', 'delete', netns]);
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => writeFileSync(victim, held));

test('the order goes to the control file that is there', async () => {
  expect(restart(':')).toMatch(/^\d+\n$/);
  await until('the orders', 60, async () => (readFileSync(orders, 'utf8') === 'tcu' ? true : null));
}, 120_000);

test('a link that takes its place between the look and the opening changes no file of the node', () => {
  expect(restart(`ln -sfn ${victim} ${control}`)).toBe('');
  expect(readFileSync(victim, 'utf8')).toBe(held);
}, 120_000);
