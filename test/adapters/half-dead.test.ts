import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiCall } from '../../src/adapters/kubernetes/api-call.ts';
import { createNodeConnections, type NodeConnectionOptions } from '../../src/adapters/ssh.ts';
import { kubeconfigOf } from '../support/kubeconfig.ts';
import { run, until } from '../../tools/lab/run.ts';
import type { HalfDeadPeers } from './half-dead-peers.ts';
import { commands } from './ssh/node-commands.ts';
import { keys } from './ssh/hostile-server.ts';

/** What a run waits for an answer that never comes whole: long for loopback, short for a test. */
const timeoutMs = 40;

/** Sockets that this process holds. */
function sockets(): number {
  return readdirSync('/proc/self/fd').filter((fd) => linkOf(fd).startsWith('socket:')).length;
}

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

/** Processes that this one started, beside the peers'. */
function children(): readonly string[] {
  return readdirSync('/proc/self/task').flatMap((thread) =>
    readFileSync(`/proc/self/task/${thread}/children`, 'utf8').split(' '),
  );
}

/** As many as before, at once or in a moment: closing is told to the event loop. */
const noMoreThan = (most: number) =>
  until(`${most} sockets, not ${sockets()}`, 2, async () => (sockets() <= most ? true : null));

describe('over a path that loses large packets', () => {
  let folder: string;
  let program: ChildProcess;
  let peers: HalfDeadPeers;
  let kubeconfig: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'calico-chatops-half-dead-'));
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '2'];
    const names = ['-subj', '/CN=api', '-addext', 'subjectAltName=IP:127.0.0.1'];
    await run(['openssl', 'req', '-x509', ...kind, ...names, '-keyout', key, '-out', certificate]);
    program = spawn(process.execPath, [join(import.meta.dirname, 'half-dead-peers.ts'), key, certificate], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(program.stdout ?? program, 'data')) as [Buffer];
    peers = JSON.parse(line.toString()) as HalfDeadPeers;
    kubeconfig = join(folder, 'kubeconfig');
    const server = `https://127.0.0.1:${peers.api}`;
    const authority = readFileSync(certificate).toString('base64');
    await writeFile(
      kubeconfig,
      JSON.stringify(kubeconfigOf({ server, 'certificate-authority-data': authority }, 'of-a-test')),
    );
  }, 30_000);

  afterAll(async () => {
    const ended = once(program, 'exit');
    program.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  });

  const nodes = (): NodeConnectionOptions => ({
    user: 'bot',
    privateKey: keys.private,
    knownHosts: `[127.0.0.1]:${peers.ssh} ${peers.hostKey}\n`,
    port: peers.ssh,
    helper: 'helper',
  });

  async function askOnce(): Promise<void> {
    const api = createApiCall({ kubeconfig, timeoutMs });
    expect(await api.call('GET', '/api')).toMatchObject({ ok: false, status: null });
    await api.close();
  }

  async function lookOnce(): Promise<void> {
    const connections = createNodeConnections(nodes());
    const shell = connections.shells().shell({ name: 'node-a', address: '127.0.0.1' });
    const looking = shell.start({ command: { id: 'test-who', ...commands.who }, moment: 'first', params: {} });
    await looking.ready;
    await connections.close();
    await expect(looking.result).rejects.toMatchObject({ code: 'ssh-lost' });
  }

  test('a run leaves no socket to the API server, however many runs there are', async () => {
    for (let nth = 0; nth < 5; nth += 1) await askOnce();
    const after5 = sockets();
    for (let nth = 5; nth < 200; nth += 1) await askOnce();
    await noMoreThan(after5);
  }, 120_000);

  test('a worker that goes on asking keeps no connection that it no longer uses', async () => {
    const api = createApiCall({ kubeconfig, timeoutMs });
    const before = sockets();
    for (let nth = 0; nth < 30; nth += 1) await api.call('GET', `/api?nth=${nth}`);
    // The one in use, the one before, and what a second attempt opened beside them.
    await noMoreThan(before + 3);
    await api.close();
    await noMoreThan(before);
  }, 60_000);

  test('a run leaves no socket to a node, and no process, however many runs there are', async () => {
    for (let nth = 0; nth < 5; nth += 1) await lookOnce();
    const [after5, processes] = [sockets(), children()];
    for (let nth = 5; nth < 200; nth += 1) await lookOnce();
    await noMoreThan(after5);
    expect(children()).toEqual(processes);
  }, 120_000);

  test('a server that left questions of two moments unanswered is not waited for again', async () => {
    const api = createApiCall({ kubeconfig, timeoutMs: 10 * timeoutMs });
    const reasons = async (...paths: string[]) =>
      Promise.all(paths.map((path) => api.call('GET', path).then((answer) => (answer.ok ? '' : answer.reason))));
    const inVain = 'no answer within 800 ms';
    // Of one moment: what was slow then may be well again.
    expect(await reasons('/api?nth=1', '/api?nth=2')).toEqual([inVain, inVain]);
    expect(await reasons('/api?nth=3')).toEqual([inVain]);
    expect(await reasons('/api?nth=4')).toEqual([`${inVain}, a moment ago`]);
    await api.close();
  }, 60_000);

  test('questions that overlap can still be of two moments', async () => {
    const api = createApiCall({ kubeconfig, timeoutMs: 10 * timeoutMs });
    const first = api.call('GET', '/api?nth=1');
    const began = performance.now();
    await until('another moment', 5, async () => (performance.now() - began > 2 * timeoutMs ? true : null));
    const second = api.call('GET', '/api?nth=2');
    await Promise.all([first, second]);
    expect(await api.call('GET', '/api?nth=3')).toMatchObject({ reason: expect.stringContaining('a moment ago') });
    await api.close();
  }, 60_000);

  test('closing does not wait for a node that is being connected to', async () => {
    const silent = createServer({ allowHalfOpen: true });
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const before = sockets();
    const connections = createNodeConnections({ ...nodes(), port, connectTimeoutMs: 60_000 });
    const shell = connections.shells().shell({ name: 'node-a', address: '127.0.0.1' });
    const looking = shell.start({ command: { id: 'test-who', ...commands.who }, moment: 'first', params: {} });
    const accepted = once(silent, 'connection');
    await accepted;
    await connections.close();
    await expect(looking.result).rejects.toMatchObject({ code: expect.stringMatching(/^ssh-/) });
    // The one end that the test's own server holds.
    await noMoreThan(before + 1);
    silent.close();
  }, 20_000);
});
