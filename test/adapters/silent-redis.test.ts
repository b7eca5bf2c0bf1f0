import { expect, test } from '@jest/globals';
import { createServer } from 'node:net';
import { createRunStore } from '../../src/adapters/run-store.ts';
import { StoreUnreachable } from '../../src/model/runs.ts';
import { connectionsOf, listen } from '../support/listening.ts';

test('a Redis that takes the connection and never answers is told as unreachable, and is left', async () => {
  const server = createServer((socket) => void socket.resume());
  const connections = connectionsOf(server);
  const address = `redis://127.0.0.1:${await listen(server)}`;
  const store = createRunStore({ address, onError: () => undefined, answerMs: 50 });
  try {
    const asked = store.recall('anything');
    await expect(asked).rejects.toThrow(StoreUnreachable);
    await expect(asked).rejects.toThrow('Redis gave no answer within 50 ms');
  } finally {
    await store.close();
    await connections.close();
  }
});
