import { afterEach, expect, test } from '@jest/globals';
import { createServer, type RequestListener } from 'node:http';
import { createSlackClient } from '../../src/adapters/slack-client.ts';
import { until } from '../../tools/lab/run.ts';
import { connectionsOf, listen } from '../support/listening.ts';

const timeoutMs = 400;

/** Holds up everything in this process, for longer than an answer may take. */
const holdUp = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4 * timeoutMs);

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function clientOf(answer: RequestListener, limitMs = timeoutMs) {
  const server = createServer(answer);
  const connections = connectionsOf(server);
  closing.push(() => connections.close());
  return createSlackClient({
    token: 'xoxb-1',
    apiUrl: `http://127.0.0.1:${await listen(server)}/`,
    timeoutMs: limitMs,
  });
}

test('an answer that came while the process was held up is heard', async () => {
  let isHeldUp = false;
  const client = await clientOf((_request, response) => {
    if (isHeldUp) holdUp();
    response.setHeader('Content-Type', 'application/json');
    response.end('{"ok": true, "user_id": "U1"}');
  });
  // The first question of a process loads code, which may take longer than the time of a question here.
  await until('an answer', 60, () =>
    client.auth.test().then(
      () => true,
      () => null,
    ),
  );
  isHeldUp = true;
  expect(await client.auth.test()).toMatchObject({ user_id: 'U1' });
}, 90_000);

test.each<[string, RequestListener]>([
  ['nothing', () => undefined],
  [
    'the head of an answer alone',
    (_request, response) => response.writeHead(200, { 'Content-Length': 100 }).flushHeaders(),
  ],
])(
  '%s ends in time',
  async (_what, answer) => {
    const client = await clientOf(answer);
    await expect(client.auth.test()).rejects.toMatchObject({ original: { name: 'TimeoutError' } });
  },
  60_000,
);
