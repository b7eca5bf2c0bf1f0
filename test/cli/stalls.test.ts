/** What hangs costs its own answers: the command line says what it knows, and ends. Each way of hanging at once. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubeconfigAt } from '../support/kubeconfig.ts';
import { connectionsOf, listen, type Connections } from '../support/listening.ts';
import { untilItEnds } from '../support/last-word.ts';
import { main, ownEnvironment } from './program.ts';

let folder: string;
const served: Connections[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-stalls-'));
  await writeFile(join(folder, 'empty'), '');
});
afterAll(async () => {
  for (const server of served) await server.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

async function portOf(server: Server): Promise<number> {
  served.push(connectionsOf(server));
  return listen(server);
}
const silent = () => portOf(createServer((socket) => void socket.resume()));
const answering = (answer: (response: ServerResponse) => void) =>
  portOf(createHttpServer((_, response) => answer(response)));
const begin = (response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
};

/** @param redis null: one that refuses connections */
async function diagnose(api: number, redis: number | null) {
  const name = `${api}`;
  await writeFile(join(folder, name), JSON.stringify(kubeconfigAt(api)));
  return untilItEnds([process.execPath, main, 'diagnose', 'default/mypod'], {
    ...ownEnvironment(),
    KUBECONFIG: join(folder, name),
    REDIS_URL: `redis://127.0.0.1:${redis ?? 1}`,
    STATE_DIR: join(folder, `state-${name}`),
    SSH_USER: 'bot',
    SSH_KEY_FILE: join(folder, 'empty'),
    SSH_KNOWN_HOSTS_FILE: join(folder, 'empty'),
  });
}

const json = (response: ServerResponse, status: number, body: object) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

test('what hangs is named, and the command ends a moment after its verdict', async () => {
  const inVain = /NOT KNOWN whether reachable/;
  const ways: readonly (readonly [string, ReturnType<typeof diagnose>, RegExp, number])[] = [
    ['an API server that is silent', diagnose(await silent(), null), inVain, 2],
    ['one that begins each answer', diagnose(await answering(begin), null), inVain, 2],
    [
      'one that answers byte by byte',
      diagnose(
        await answering((response) => {
          begin(response);
          const dripping = setInterval(() => response.write(' '), 50);
          response.on('close', () => clearInterval(dripping));
        }),
        null,
      ),
      inVain,
      2,
    ],
    [
      'a Redis that is silent',
      diagnose(
        await answering((response) =>
          json(response, 404, { kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 }),
        ),
        await silent(),
      ),
      /Redis gave no answer within 4000 ms[^]*there is no namespace default/,
      3,
    ],
    [
      'both',
      diagnose(await silent(), await silent()),
      /Redis gave no answer within 4000 ms[^]*NOT KNOWN whether reachable/,
      2,
    ],
  ];
  for (const [way, ending, words, exit] of ways) {
    const ended = await ending;
    expect({ way, ...ended }).toMatchObject({ way, exit, said: expect.stringMatching(words) });
    expect(ended.afterwards).toBeLessThan(1 / 4);
  }
}, 280_000);
