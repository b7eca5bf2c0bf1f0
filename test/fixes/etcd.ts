import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, until } from '../../tools/lab/run.ts';
import { freePort } from '../adapters/ssh/test-node.ts';

/** An etcd of this test's own on loopback, without TLS. */
export async function startEtcd(): Promise<{ readonly endpoint: string; stop(): Promise<void> }> {
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
    { stdio: 'ignore' },
  );
  const ended = once(etcd, 'exit');
  await until('etcd to be healthy', 20, async () =>
    (await run(['curl', '-s', `${endpoint}/health`]).catch(() => '')).includes('true') ? true : null,
  );
  return {
    endpoint,
    async stop() {
      etcd.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
