/** Bot and worker as two processes under one `serve`. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createRunStore } from '../../src/adapters/run-store.ts';
import { createJobQueues } from '../../src/adapters/queue.ts';
import type { JobQueues } from '../../src/model/jobs.ts';
import type { RunStore } from '../../src/model/runs.ts';
import { until } from '../../tools/lab/run.ts';
import {
  isAlive,
  startServe,
  startSilentServer,
  startSurroundings,
  type ServedOptions,
  type ServedProgram,
  type Surroundings,
} from './served-program.ts';

let around: Surroundings;
let store: RunStore;
let queues: JobQueues;
const programs: ServedProgram[] = [];

beforeAll(async () => {
  around = await startSurroundings();
  store = createRunStore({ address: around.redis.address, onError: () => undefined });
  queues = createJobQueues({ address: around.redis.address, onError: () => undefined });
});
afterEach(async () => {
  for (const program of programs.splice(0)) {
    program.process.kill('SIGTERM');
    await program.ended;
  }
});
afterAll(async () => {
  await queues.close();
  await store.close();
  await around.stop();
});

async function up(options: Partial<ServedOptions> = {}): Promise<ServedProgram> {
  const program = await startServe(around, { mode: 'socket', ...options });
  programs.push(program);
  return program;
}
const workerOf = (program: ServedProgram) => until('a worker', 10, async () => program.worker());
const command = (text: string) =>
  around.workspace.command({ user: 'carol', channel: 'oncall', text: `/calico ${text}` });
const healthz = async (program: ServedProgram) => (await fetch(`${program.url}/healthz`)).status;
/** Diagnoses that ended so far. */
const done = async () => (await queues.counts()).diagnose['completed'] ?? 0;

test('what starts says of its set-up what doctor says', async () => {
  const program = await up();
  await program.heard(/APPROVERS: nobody is named, so nobody can approve a fix in Slack\. Set APPROVERS/);
  await program.heard(/nodes: SSH_KEY_FILE: .* is empty\. Run ssh-keygen/);
}, 60_000);

test('a worker that is killed comes back, the bot answers meanwhile, and the job that waited is done', async () => {
  const program = await up();
  const killed = await workerOf(program);
  const before = await done();
  process.kill(killed, 'SIGKILL');
  await program.heard(/the worker ended \(SIGKILL\)/);
  expect(await command('diagnose default/mypod')).toMatchObject({ acked: true });
  expect(await healthz(program)).toBe(200);
  await program.heard(/the worker runs again/);
  expect(await workerOf(program)).not.toBe(killed);
  await until('the diagnosis', 20, async () => ((await done()) > before ? true : null));
  expect(program.said().match(/the worker ended/g)).toHaveLength(1);
}, 60_000);

test('a worker ends when its parent is killed', async () => {
  const program = await up();
  const worker = await workerOf(program);
  program.process.kill('SIGKILL');
  await program.ended;
  await until('the worker to end', 10, async () => (isAlive(worker) ? null : true));
}, 60_000);

test('stopping waits for the job that runs, also when the signal reaches both processes', async () => {
  const silent = await startSilentServer();
  const program = await up({ apiServer: silent.url });
  const worker = await workerOf(program);
  const before = await done();
  await command('diagnose default/mypod');
  await until('the job to wait for the API server', 10, async () => (silent.waiting() > 0 ? true : null));
  process.kill(worker, 'SIGINT');
  program.process.kill('SIGINT');
  await until('both to end their work', 10, async () =>
    (program.said().match(/"ending"/g) ?? []).length === 2 ? true : null,
  );
  expect(isAlive(worker)).toBe(true);
  expect(await done()).toBe(before);
  await silent.cut();
  expect(await program.ended).toBe(0);
  expect(isAlive(worker)).toBe(false);
  expect(await done()).toBe(before + 1);
}, 60_000);

/**
 * Loaded into the worker alone: on a signal its loop stands still until there is a file, as in a parser that does not
 * come to an end.
 */
const standstill = (until: string) => `import { existsSync } from 'node:fs';
if (process.argv.includes('worker')) process.on('SIGUSR2', () => {
  process.stderr.write('the loop stands\\n');
  while (!existsSync(${JSON.stringify(until)}));
  process.stderr.write('the loop goes on\\n');
});`;

test('while the loop of the worker stands still, /healthz and /calico help answer', async () => {
  const goOn = join(around.folder, 'go-on');
  const program = await up({ preload: standstill(goOn) });
  process.kill(await workerOf(program), 'SIGUSR2');
  await program.heard(/the loop stands/);
  try {
    expect(await healthz(program)).toBe(200);
    expect(await command('help')).toMatchObject({ acked: true });
    expect(program.said()).not.toContain('the loop goes on');
  } finally {
    await writeFile(goOn, '');
  }
  await program.heard(/the loop goes on/);
}, 60_000);

test('without a worker that starts, the program does not run as if it had one', async () => {
  const dying = `if (process.argv.includes('worker')) process.exit(7);`;
  await expect(up({ preload: dying })).rejects.toThrow(/the worker ended before it was ready \(exit 7\)/);
}, 60_000);

test('where Redis is stands in no command line', async () => {
  const program = await up();
  const worker = await workerOf(program);
  for (const pid of [program.process.pid, worker]) {
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain('redis');
  }
  expect(readFileSync(`/proc/${worker}/environ`, 'utf8')).toContain(`REDIS_URL=${around.redis.address}`);
}, 60_000);

test("both share the program's own Redis, which ends after both", async () => {
  const program = await up({ environment: { REDIS_URL: '', STATE_DIR: `${around.folder}/state` } });
  expect(program.said()).toContain('started redis-server');
  const socket = `${around.folder}/state/redis/redis.sock`;
  expect(readFileSync(`/proc/${await workerOf(program)}/environ`, 'utf8')).toContain(`REDIS_URL=unix:${socket}`);
  program.process.kill('SIGTERM');
  expect(await program.ended).toBe(0);
  await expect(once(connect(socket), 'connect')).rejects.toThrow(/ECONNREFUSED|ENOENT/);
  expect(program.said()).not.toMatch(/ECONN|could not be closed/);
}, 60_000);

test('when Slack refuses the token of a running bot, the program ends and says so', async () => {
  const other = await startSurroundings();
  const program = await startServe(other, { mode: 'socket' });
  programs.push(program);
  const { port } = new URL(other.workspace.url);
  await other.workspace.stop();
  const { startWorkspace } = await import('../../tools/slack-workspace/start-workspace.ts');
  const after = await startWorkspace({ port: Number(port), override: { app_token: 'xapp-another' } });
  expect(await program.ended).toBe(3);
  expect(program.said()).toMatch(
    /error: Slack does not accept SLACK_APP_TOKEN \(invalid_auth\)\. Copy an app-level token /,
  );
  await after.stop();
  await other.stop().catch(() => undefined);
}, 60_000);
