import { createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { greets } from '../../../src/adapters/ssh/greeting.ts';
import { connectionsOf, listen, type Connections } from '../../support/listening.ts';

let open: Connections | null = null;
afterEach(async () => {
  await open?.close();
  open = null;
});

async function serverThat(answers: (socket: Socket) => void): Promise<number> {
  const server = createServer(answers);
  open = connectionsOf(server);
  return listen(server);
}

test.each([
  ['its greeting', ['SSH-2.0-OpenSSH_9.2p1\r\n']],
  ['its greeting in two pieces', ['SS', 'H-2.0-dropbear\r\n']],
  ['lines before its greeting', ['Welcome\r\n', 'SSH-2.0-x\r\n']],
])('an SSH server says %s', async (_, pieces) => {
  const port = await serverThat((socket) => {
    socket.setNoDelay();
    const [first = '', second] = pieces;
    socket.write(first, () => (second === undefined ? undefined : setImmediate(() => void socket.write(second))));
  });
  expect(await greets('127.0.0.1', port, 60_000)).toBe(true);
});

test.each<[string, (socket: Socket) => void]>([
  ['another server', (socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['a server that ends without a word', (socket) => void socket.end()],
  ['a server that never stops', (socket) => void socket.write('x'.repeat(1_000_000))],
])('%s is no SSH server', async (_, answers) => {
  expect(await greets('127.0.0.1', await serverThat(answers), 60_000)).toBe(false);
});

test('a silent server is given up', async () => {
  expect(await greets('127.0.0.1', await serverThat(() => undefined), 50)).toBe(false);
});

test('a closed port is none', async () => {
  const server = createServer();
  const port = await listen(server);
  server.close();
  expect(await greets('127.0.0.1', port, 60_000)).toBe(false);
});

test('it ends its connection', async () => {
  const port = await serverThat((socket) => void socket.write('SSH-2.0-x\r\n'));
  await greets('127.0.0.1', port, 60_000);
  while (open?.open() !== 0) await new Promise(setImmediate);
});
