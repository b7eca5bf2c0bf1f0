import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { run, until } from '../../tools/lab/run.ts';
import { freePort } from '../../tools/lab/free-port.ts';

type Etcd = { readonly endpoint: string; stop(): Promise<void> };

/**
 * An etcd of this test's own on loopback, without TLS.
 * A free port can be taken by another test before etcd listens on it: then etcd ends, and other ports are tried.
 * @throws Error with what etcd wrote when it ended five times.
 */
export async function startEtcd(): Promise<Etcd> {
  let said = '';
  for (let attempts = 0; attempts < 5; attempts += 1) {
    const started = await tryEtcd();
    if (typeof started !== 'string') return started;
    said = started;
  }
  throw new Error(`etcd ended before it was healthy: ${said}`);
}

/** Starts etcd on two free ports; returns what it wrote when it ended before it was healthy. */
async function tryEtcd(): Promise<Etcd | string> {
  const folder = await mkdtemp(join(tmpdir(), 'cc-etcd-'));
  const [port, peer] = [await freePort(), await freePort()];
  const endpoint = `http://127.0.0.1:${port}`;
  const etcd = spawn(
    'etcd',
    [
      '--data-dir',
      folder,
      '--listen-client-urls',
      endpoint,
      '--advertise-client-urls',
      endpoint,
      '--listen-peer-urls',
      `http://127.0.0.1:${peer}`,
      '--log-level',
      'error',
      '--logger',
      'zap',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const said = text(etcd.stderr);
  const ended = once(etcd, 'exit');
  const stop = async () => {
    etcd.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const state = await until('etcd to be healthy', 90, async () => {
    if (etcd.exitCode !== null) return 'ended';
    const health = await run(['curl', '-s', '-m', '5', `${endpoint}/health`]).catch(() => '');
    return health.includes('true') ? 'healthy' : null;
  });
  if (state === 'healthy' && etcd.exitCode === null) return { endpoint, stop };
  await stop();
  return said;
}
