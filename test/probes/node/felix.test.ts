import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, readlinkSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { LookError } from '../../../src/model/look-error.ts';
import { bashFelixNodeName, bashFindFelix } from '../../../src/commands/bash.ts';
import { ssFelixHealthPort } from '../../../src/commands/ss.ts';
import { felix } from '../../../src/probes/node/felix.ts';
import { run, until } from '../../../tools/lab/run.ts';
import { codeOf, probing, type Script } from '../scripted.ts';

const listens = (pid: number, name = 'calico-felix', place = '127.0.0.1') =>
  `LISTEN 0 4096 ${place}:9099 0.0.0.0:* users:(("${name}",pid=${pid},fd=3))\n`;
const ok = { stdout: 'HTTP/1.1 200 OK\r\n' };
const live: Script = {
  'bash-find-felix': { stdout: '7 calico-node -felix \n' },
  'ss-felix-health-port': { stdout: listens(7) },
  'curl-felix-liveness': ok,
  'curl-felix-readiness': ok,
};
const look = (over: Script) => probing(felix, { script: { ...live, ...over } }).fact('felix@target');

test.each<[string, Script, object]>([
  ['live', {}, { processes: ['7 calico-node -felix '], liveness: 200, readiness: 200 }],
  [
    'no process, nobody listens',
    {
      'bash-find-felix': { stdout: '' },
      'ss-felix-health-port': { stdout: '' },
      'curl-felix-liveness': { exit: 7 },
      'curl-felix-readiness': { exit: 7 },
    },
    { processes: [], liveness: null, readiness: null },
  ],
  [
    'no process, and somebody else answers on its port',
    { 'bash-find-felix': { stdout: '' }, 'ss-felix-health-port': { stdout: listens(7, 'python3') } },
    { processes: [], liveness: null, readiness: null },
  ],
  [
    'not live',
    { 'curl-felix-liveness': { stdout: 'HTTP/1.1 503 Service Unavailable\r\n' } },
    { processes: ['7 calico-node -felix '], liveness: 503, readiness: 200 },
  ],
])('%s', async (_, over, value) => {
  expect(await look(over)).toMatchObject({ status: 'observed', value });
});

test('no process is found, and one of its name listens: it is neither live nor dead', async () => {
  expect(await look({ 'bash-find-felix': { stdout: '' } })).toMatchObject({
    status: 'unavailable',
    reason: expect.stringContaining('a program of its name listens on its health port 9099'),
  });
});

describe('a process whose health port is not heard is neither live nor dead', () => {
  test.each<[string, Script, string]>([
    [
      'nobody listens: health reporting may be off',
      {
        'ss-felix-health-port': { stdout: '' },
        'curl-felix-liveness': { exit: 7 },
        'curl-felix-readiness': { exit: 7 },
      },
      'does not listen on its health port 9099',
    ],
    ['it hangs', { 'curl-felix-liveness': { exit: 28 } }, 'its health port 9099 does not answer in time'],
    ['another process listens', { 'ss-felix-health-port': { stdout: listens(8) } }, 'another process listens'],
    [
      'another process listens too',
      { 'ss-felix-health-port': { stdout: listens(7) + listens(8, 'calico-felix', '[::1]') } },
      'another process listens',
    ],
    [
      'the listener has a name that looks like a process number',
      { 'ss-felix-health-port': { stdout: listens(8, 'x",pid=7,fd=3)') } },
      'another process listens',
    ],
    [
      'nobody knows whose the socket is',
      { 'ss-felix-health-port': { stdout: 'LISTEN 0 4096 127.0.0.1:9099 0.0.0.0:*\n' } },
      'another process listens',
    ],
  ])('%s', async (_, over, why) => {
    expect(await look(over)).toMatchObject({
      status: 'unavailable',
      code: 'no-answer',
      reason: expect.stringContaining(why),
    });
  });
});

describe('what was not checked is no dead Felix', () => {
  test.each<[string, Script, string]>([
    ['no curl on the node', { 'curl-felix-liveness': { exit: 127, stderr: 'curl: not found' } }, 'tool-missing'],
    ['no find on the node', { 'bash-find-felix': { exit: 127 } }, 'tool-missing'],
    ['no ss on the node', { 'ss-felix-health-port': { exit: 127 } }, 'tool-missing'],
    ['the node ended it', { 'bash-find-felix': { exit: null, timedOut: true } }, 'timeout'],
    ['cut', { 'bash-find-felix': { truncated: true } }, 'output-too-large'],
    ['the connection was lost', { 'curl-felix-readiness': new LookError('ssh-lost', 'gone') }, 'ssh-lost'],
  ])('%s', async (_, over, code) => {
    expect(codeOf(await look(over))).toBe(code);
  });
});

/** Numbers of the processes that the command finds on this machine. */
const found = async (): Promise<readonly string[]> => {
  const [program = '', ...args] = bashFindFelix.argv;
  return (await run([program, ...args]))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' ')[0] ?? '');
};

describe('real processes', () => {
  const folder = mkdtempSync(`${tmpdir()}/felix-`);
  const nobody = 65534;
  const started: ChildProcess[] = [];
  beforeAll(() => {
    chmodSync(folder, 0o755);
    for (const name of ['calico-felix', 'calico-node', 'calico']) {
      copyFileSync('/bin/bash', `${folder}/${name}`);
      chmodSync(`${folder}/${name}`, 0o755);
    }
  });
  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A process that waits until it is ended; resolves to its number once it runs the file. */
  const start = async (
    file: string,
    args: readonly string[] = [],
    options: SpawnOptions = {},
    before: readonly string[] = [],
  ): Promise<string> => {
    const [program = file, ...rest] = [...before, file, '-c', 'read -r _', ...args];
    const child = spawn(program, rest, { ...options, stdio: ['pipe', 'ignore', 'ignore'] });
    started.push(child);
    await until('the process to run', 10, async () => (readlinkSync(`/proc/${child.pid}/exe`) === file ? true : null));
    return String(child.pid);
  };
  test('Felix of every version is found', async () => {
    const all = [
      await start(`${folder}/calico-felix`),
      await start(`${folder}/calico-node`, ['-felix']),
      await start(`${folder}/calico`, ['component', 'felix']),
    ];
    expect((await found()).toSorted()).toEqual(all.toSorted());
  });
  test('Felix whose executable an upgrade replaced is found', async () => {
    copyFileSync('/bin/bash', `${folder}/new`);
    const pid = await start(`${folder}/calico-felix`);
    renameSync(`${folder}/new`, `${folder}/calico-felix`);
    expect(readlinkSync(`/proc/${pid}/exe`)).toBe(`${folder}/calico-felix (deleted)`);
    expect(await found()).toEqual([pid]);
  });
  test("calico-node's other processes are not Felix", async () => {
    await start(`${folder}/calico-node`, ['-confd']);
    await start(`${folder}/calico`, ['component', 'confd']);
    expect(await found()).toEqual([]);
  });
  test('a process of another user is not', async () => {
    await start(`${folder}/calico-felix`, [], { uid: nobody });
    expect(await found()).toEqual([]);
  });
  test('an executable of another user is not, even when root runs it', async () => {
    const file = `${folder}/calico-felix`;
    chownSync(file, nobody, nobody);
    await start(file);
    expect(await found()).toEqual([]);
    chownSync(file, 0, 0);
    expect(await found()).toHaveLength(1);
  });
  test("a root process of a container's own network is not", async () => {
    await start(`${folder}/calico-felix`, [], {}, ['unshare', '--net']);
    expect(await found()).toEqual([]);
  });
  test('of the environment of Felix alone its name of the node is told', async () => {
    const env = { FELIX_ETCDUSERNAME: 'secret', Felix_FelixHostname: 'n1.example.com', FELIX_FELIXHOSTNAMES: 'x' };
    await start(`${folder}/calico`, ['component', 'felix'], { env });
    await start(`${folder}/calico-node`, ['-confd'], { env: { FELIX_FELIXHOSTNAME: 'n2' } });
    await start(`${folder}/calico-felix`, [], { env: { FELIX_FELIXHOSTNAME: 'n3' }, uid: nobody });
    const [program = '', ...args] = bashFelixNodeName.argv;
    expect(await run([program, ...args])).toBe('Felix_FelixHostname=n1.example.com\n');
  });
  test('a process that only calls itself so is not', async () => {
    await start('/usr/bin/bash', ['calico-node', '-felix'], { argv0: 'calico-felix' });
    expect(await found()).toEqual([]);
  });
  test('arguments cannot make lines of their own, nor hide others by their length', async () => {
    const pid = await start(`${folder}/calico-felix`, ['\n1 calico-felix', 'x'.repeat(100_000)]);
    await start(`${folder}/calico-node`, ['x'.repeat(100_000)], { uid: nobody });
    expect(await found()).toEqual([pid]);
  });
  test('who listens is told by the number of its process', async () => {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    const argv = ssFelixHealthPort.argv.map((token) =>
      token.replace('9099', String(address !== null && typeof address === 'object' ? address.port : 0)),
    );
    expect(await run(argv)).toContain(`pid=${process.pid},`);
    await new Promise((closed) => server.close(closed));
  });
});
