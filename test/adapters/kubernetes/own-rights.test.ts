import { expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCluster } from '../../../src/adapters/kubernetes.ts';
import { kubeconfigAt } from '../../support/kubeconfig.ts';
import { listen } from '../../support/listening.ts';

test('many rights are asked for some at a time, and each is answered', async () => {
  let open = 0;
  let most = 0;
  const server = createServer((request, response) => {
    most = Math.max(most, (open += 1));
    request.resume().once('end', () =>
      // What else is asked at once arrives meanwhile.
      setTimeout(() => {
        open -= 1;
        response.writeHead(201, { 'content-type': 'application/json' }).end('{"status":{"allowed":true}}');
      }, 50),
    );
  });
  const port = await listen(server);
  const folder = await mkdtemp(join(tmpdir(), 'cc-rights-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, JSON.stringify(kubeconfigAt(port)));
  const cluster = createCluster({ kubeconfig });
  try {
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) => cluster.mayI({ verb: 'get', group: '', resource: `kind-${n}` })),
    );
    expect(answers.filter((answer) => answer.ok && answer.value)).toHaveLength(60);
    expect(most).toBeLessThanOrEqual(8);
  } finally {
    await cluster.close();
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  }
});
