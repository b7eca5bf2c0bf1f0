import { expect, jest, test } from '@jest/globals';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { connect, createServer as createSocketServer, type Socket } from 'node:net';
import { listen } from '../support/listening.ts';
import { afterAwake } from '../../src/adapters/awake-timer.ts';

function holdUp(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

test('what arrived while the process was held up is heard before the limit', async () => {
  const server = createServer((_request, response) => response.end('here')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const late = Promise.withResolvers<string>();
  // Much work between a question and its limit: nothing of the exchange can happen meanwhile.
  const answer = fetch(`http://127.0.0.1:${port}/`).then((response) => response.text());
  afterAwake(1000, () => late.resolve('given up'));
  holdUp(1500);
  expect(await Promise.race([answer, late.promise])).toBe('here');
  server.closeAllConnections();
  server.close();
});

test('what arrived while the process was held up in the last piece is heard first', async () => {
  const server = createSocketServer();
  const port = await listen(server);
  const client = connect(port, '127.0.0.1');
  const [[far]] = await Promise.all([once(server, 'connection') as Promise<[Socket]>, once(client, 'connect')]);
  const heard: string[] = [];
  const over = Promise.withResolvers<void>();
  client.on('data', () => void heard.push('here'));
  let piece: (() => void) | undefined;
  const timers = jest.spyOn(globalThis, 'setTimeout').mockImplementation(((then: () => void) => {
    piece = then;
  }) as never);
  afterAwake(1000, () => {
    heard.push('given up');
    over.resolve();
  });
  for (let passed = 1; passed < 10; passed += 1) piece?.();
  timers.mockRestore();
  // After this, input is the next turn's.
  await new Promise((resolve) => void setImmediate(resolve));
  far.write('x');
  holdUp(30);
  piece?.();
  await over.promise;
  expect(heard).toEqual(['here', 'given up']);
  client.destroy();
  server.close();
});

test('ends where nothing comes, and is stopped by the one who asked', async () => {
  const ended: string[] = [];
  const stop = afterAwake(10, () => void ended.push('stopped'));
  stop();
  await new Promise<void>((resolve) => void afterAwake(50, resolve));
  expect(ended).toEqual([]);
});
