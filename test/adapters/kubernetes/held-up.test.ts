import { expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiCall } from '../../../src/adapters/kubernetes/api-call.ts';
import { until } from '../../../tools/lab/run.ts';
import { kubeconfigAt } from '../../support/kubeconfig.ts';
import { connectionsOf, listen } from '../../support/listening.ts';

const timeoutMs = 400;
/** Longer than a retired connection would be kept if that were counted by the clock. */
const heldUpMs = 4 * timeoutMs;

/** Holds up everything in this process. */
const holdUp = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, heldUpMs);

test('an answer that came while the process was held up is heard, on a connection that is retired', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'calico-chatops-held-up-'));
  const waiting: ServerResponse[] = [];
  const server = createServer(({ url }, response) => {
    if (url === '/version') return response.end('to anybody');
    waiting.push(response);
    // The second attempt has a connection of its own: that of the first one is retired by then.
    if (waiting.length !== 2) return undefined;
    holdUp();
    return waiting[0]?.end('to the first');
  });
  const connections = connectionsOf(server);
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, JSON.stringify(kubeconfigAt(await listen(server))));
  const api = createApiCall({ kubeconfig, timeoutMs });
  try {
    // The first question of a process loads code, which may take longer than the time of a question here.
    await until('an answer', 60, async () => ((await api.call('GET', '/version')).ok ? true : null));
    expect(await api.call('GET', '/api')).toMatchObject({ ok: true, value: 'to the first' });
    expect(waiting).toHaveLength(2);
  } finally {
    await api.close();
    await connections.close();
    await rm(folder, { recursive: true, force: true });
  }
}, 90_000);
