import { createServer } from 'node:http';
import { afterEach, expect, jest, test } from '@jest/globals';
import { freePort } from '../../lab/free-port.ts';
import { startWorkspace, type Workspace } from '../start-workspace.ts';
import { httpApp } from './bolt-app.ts';

jest.setTimeout(30_000);

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(override = {}): Promise<{ workspace: Workspace; port: number }> {
  const port = await freePort();
  const workspace = await startWorkspace({
    override: { request_url: `http://127.0.0.1:${port}/slack/events`, ...override },
    eventRetryDelaysMs: [0, 20],
  });
  cleanups.push(() => workspace.stop());
  return { workspace, port };
}

test('commands, clicks and events reach a Bolt app as signed requests', async () => {
  const { workspace, port } = await start();
  const app = httpApp(workspace);
  const seen: string[] = [];
  app.command('/calico', async ({ ack, body }) => ack({ text: `got ${body.text}`, response_type: 'in_channel' }));
  app.action('again', async ({ ack }) => {
    seen.push('again');
    await ack();
  });
  const mentioned = Promise.withResolvers<void>();
  app.event('app_mention', async () => mentioned.resolve());
  await app.start({ port, host: '127.0.0.1' });
  cleanups.push(() => app.stop());

  expect(await workspace.command({ user: 'alice', channel: 'oncall', text: '/calico diagnose a/b' })).toMatchObject({
    acked: true,
  });
  expect(workspace.messages({ channel: 'oncall', user: 'bob' })).toMatchObject([
    { text: 'got diagnose a/b', bot_id: 'B0CALICO' },
  ]);
  const { ts } = await app.client.chat.postMessage({
    channel: 'C0ONCALL',
    text: 'x',
    blocks: [
      {
        type: 'actions',
        elements: [{ type: 'button', action_id: 'again', text: { type: 'plain_text', text: 'Again' } }],
      },
    ],
  });
  expect(await workspace.click({ user: 'alice', channel: 'oncall', ts: ts ?? '', action_id: 'again' })).toMatchObject({
    acked: true,
  });
  workspace.message({ user: 'alice', channel: 'oncall', text: '@calico hi' });
  await mentioned.promise;
  expect(seen).toEqual(['again']);
});

test('a wrong secret and a dead app fail as people see it', async () => {
  const { workspace, port } = await start();
  const app = httpApp({ ...workspace, start: { ...workspace.start, signing_secret: 'another' } });
  await app.start({ port, host: '127.0.0.1' });
  expect(await workspace.command({ user: 'alice', channel: 'oncall', text: 'help' })).toMatchObject({
    acked: false,
    reason: 'dispatch_failed',
  });
  await app.stop();
  expect(await workspace.command({ user: 'alice', channel: 'oncall', text: 'help' })).toMatchObject({
    acked: false,
    reason: 'dispatch_failed',
  });
});

test('an event that the app answers with an error comes again, until it takes it', async () => {
  const { workspace, port } = await start();
  const attempts: (string | string[] | undefined)[] = [];
  const taken = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    attempts.push(request.headers['x-slack-retry-num']);
    response.writeHead(attempts.length < 3 ? 500 : 200).end();
    if (attempts.length === 3) taken.resolve();
  });
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => void server.close(resolve)));
  workspace.message({ user: 'alice', channel: 'oncall', text: 'hello' });
  await taken.promise;
  expect(attempts).toEqual([undefined, '1', '2']);
});
