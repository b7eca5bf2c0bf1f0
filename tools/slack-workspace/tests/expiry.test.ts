import { createServer } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { WebClient } from '@slack/web-api';
import { startWorkspace, type Workspace } from '../start-workspace.ts';
import { refusal, webClient } from './web-client.ts';

let clock = Date.now();
let workspace: Workspace;
let client: WebClient;
let command: URLSearchParams;
const app = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => void chunks.push(chunk));
  request.on('end', () => {
    command = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
    response.end();
  });
});

beforeEach(async () => {
  await new Promise<void>((resolve) => void app.listen(0, '127.0.0.1', resolve));
  const address = app.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  workspace = await startWorkspace({
    now: () => clock,
    override: { request_url: `http://127.0.0.1:${address.port}/` },
  });
  client = webClient(workspace);
  await workspace.command({ user: 'alice', channel: 'oncall', text: '/calico help' });
});
afterEach(async () => {
  await workspace.stop();
  app.closeAllConnections();
  await new Promise((resolve) => void app.close(resolve));
});

const view = {
  type: 'modal' as const,
  title: { type: 'plain_text' as const, text: 'T' },
  blocks: [{ type: 'divider' as const }],
};
const respond = (body: object): Promise<Response> =>
  fetch(command.get('response_url') ?? '', { method: 'POST', body: JSON.stringify(body) });

test('a trigger is good once, for three seconds', async () => {
  const trigger_id = command.get('trigger_id') ?? '';
  await client.views.open({ trigger_id, view });
  expect(await refusal(client.views.open({ trigger_id, view }))).toBe('exchanged_trigger_id');
  await workspace.command({ user: 'alice', channel: 'oncall', text: '/calico help' });
  clock += 3001;
  expect(await refusal(client.views.open({ trigger_id: command.get('trigger_id') ?? '', view }))).toBe(
    'expired_trigger_id',
  );
  expect(await refusal(client.views.open({ trigger_id: 'made-up', view }))).toBe('invalid_trigger_id');
});

test('a response URL is good five times', async () => {
  for (let use = 1; use <= 5; use += 1) expect((await respond({ text: `${use}` })).status).toBe(200);
  const sixth = await respond({ text: '6' });
  expect([sixth.status, await sixth.json()]).toEqual([404, { ok: false, error: 'used_url' }]);
  expect(workspace.messages({ channel: 'oncall', user: 'alice' })).toHaveLength(5);
});

test('a response URL is good for thirty minutes', async () => {
  clock += 30 * 60 * 1000 + 1;
  const late = await respond({ text: 'late' });
  expect(await late.json()).toEqual({ ok: false, error: 'expired_url' });
});

test('a response is for the person alone, or for all who are in the channel', async () => {
  await respond({ text: 'alone' });
  await respond({ text: 'all', response_type: 'in_channel' });
  expect(workspace.messages({ channel: 'oncall', user: 'bob' }).map((one) => one['text'])).toEqual(['all']);
  expect((await respond({ text: 'x', blocks: [{ type: 'nonsense' }] })).status).toBe(400);
});

test('views are refused as Slack refuses them', async () => {
  const input = {
    type: 'input' as const,
    label: { type: 'plain_text' as const, text: 'L' },
    element: { type: 'plain_text_input' as const },
  };
  const trigger_id = command.get('trigger_id') ?? '';
  const home = { type: 'home' as const, blocks: [{ type: 'divider' as const }] };
  expect(
    await refusal(
      client.views.open({ trigger_id, view: { ...view, title: { type: 'plain_text', text: 'x'.repeat(25) } } }),
    ),
  ).toBe('invalid_arguments');
  expect(await refusal(client.views.open({ trigger_id, view: { ...view, blocks: [input] } }))).toBe(
    'invalid_arguments',
  );
  expect(await refusal(client.views.update({ view_id: 'V0', view }))).toBe('not_found');
  const published = await client.views.publish({ user_id: 'U0ALICE', view: home });
  expect(published.view?.type).toBe('home');
  expect(await refusal(client.views.publish({ user_id: 'U0ALICE', view: home, hash: 'old' }))).toBe('hash_conflict');
  // A refused payload costs no trigger.
  await client.views.open({ trigger_id, view });
  expect(workspace.views('alice')).toHaveLength(1);
});
