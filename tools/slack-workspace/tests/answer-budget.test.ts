/** How long the workspace waits for the answer of an app with a request URL. */
import { createServer, type RequestListener } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { listen } from '../../../test/support/listening.ts';
import { createRequestUrlTransport } from '../delivery/request-url.ts';
import { defaultStartFile, readStartFile } from '../start-file.ts';
import { createWorld } from '../state/world.ts';

const budgetMs = 200;
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A workspace whose app answers so. */
async function answeredBy(app: RequestListener) {
  const server = createServer(app);
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${await listen(server)}/`;
  const transport = createRequestUrlTransport(
    createWorld(readStartFile(defaultStartFile), Date.now, false),
    url,
    budgetMs,
  );
  return () => transport.send({ type: 'slash_commands', payload: { text: 'help' }, retry: null });
}

test('an app that never answers has used up its time', async () => {
  const ask = await answeredBy(() => undefined);
  expect(await ask()).toMatchObject({ acked: false, reason: 'http_timeout' });
});

test('time in which a busy machine holds the process up is not counted', async () => {
  const ask = await answeredBy((_, response) => {
    const began = performance.now();
    while (performance.now() - began < budgetMs * 2);
    response.end();
  });
  expect(await ask()).toMatchObject({ acked: true });
});

test('each request has a connection of its own', async () => {
  const ports = new Set<number | undefined>();
  const ask = await answeredBy(({ socket }, response) => {
    ports.add(socket.remotePort);
    response.end();
  });
  for (let sent = 1; sent <= 5; sent += 1) {
    expect(await ask()).toMatchObject({ acked: true });
    expect(ports.size).toBe(sent);
  }
});
