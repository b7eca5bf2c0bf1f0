import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startWorkspace, type Workspace } from '../start-workspace.ts';
import { webClient } from './web-client.ts';

const message = { channel: 'C0ONCALL', text: 'x' };
let workspace: Workspace;

beforeEach(async () => {
  workspace = await startWorkspace();
});
afterEach(() => workspace.stop());

const count = (): number => workspace.messages({ channel: 'oncall' }).length;

test.each(['429', '500', 'disconnect'] as const)(
  '%s fails the call, and nothing is posted; then all is well',
  async (kind) => {
    const client = webClient(workspace);
    workspace.fault({ method: 'chat.postMessage', kind });
    await expect(client.chat.postMessage(message)).rejects.toThrow();
    expect(count()).toBe(0);
    await client.chat.postMessage(message);
    expect(count()).toBe(1);
  },
);

test('429 tells how long to wait', async () => {
  workspace.fault({ method: 'chat.postMessage', kind: '429', retry_after: 7 });
  await expect(webClient(workspace).chat.postMessage(message)).rejects.toMatchObject({ retryAfter: 7 });
});

test('a dropped answer leaves the message posted', async () => {
  workspace.fault({ method: 'chat.postMessage', kind: 'drop-answer' });
  await expect(webClient(workspace).chat.postMessage(message)).rejects.toThrow();
  expect(count()).toBe(1);
});

test('a timeout does nothing and answers nothing', async () => {
  workspace.fault({ method: 'chat.postMessage', kind: 'timeout' });
  await expect(webClient(workspace, undefined, { timeout: 100 }).chat.postMessage(message)).rejects.toThrow();
  expect(count()).toBe(0);
});

test('faults are set over the control API and count down', async () => {
  const set = await fetch(`${workspace.url}/_control/faults`, {
    method: 'POST',
    body: JSON.stringify({ method: 'auth.test', kind: 500, times: 2 }),
  });
  expect(await set.json()).toEqual({ ok: true });
  const client = webClient(workspace);
  await expect(client.auth.test()).rejects.toThrow();
  await expect(client.auth.test()).rejects.toThrow();
  expect((await client.auth.test()).user_id).toBe('U0CALICO');
  const bad = await fetch(`${workspace.url}/_control/faults`, {
    method: 'POST',
    body: JSON.stringify({ method: 'auth.test', kind: 'sulk' }),
  });
  expect(bad.status).toBe(400);
});
