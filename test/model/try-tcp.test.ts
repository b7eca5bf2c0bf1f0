import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { tryTcp } from '../../src/model/ssh-port.ts';
import { connectionsOf, listen } from '../support/listening.ts';

const shell = (command: string) =>
  new Promise<{ readonly out: string; readonly err: string }>((resolve) => {
    execFile('sh', ['-c', command], (_, out, err) => resolve({ out, err }));
  });

test('the told command says of a port that it is open, and of a closed one why', async () => {
  const server = createServer((socket) => void socket.end());
  const connections = connectionsOf(server);
  const port = await listen(server);
  expect(await shell(tryTcp('127.0.0.1', `${port}`))).toEqual({ out: 'open\n', err: '' });
  await connections.close();
  expect(await shell(tryTcp('127.0.0.1', `${port}`))).toEqual({
    out: '',
    err: expect.stringContaining('Connection refused'),
  });
}, 60_000);
