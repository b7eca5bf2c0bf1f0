/** Secrets whose files somebody changes while the bot serves. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alertToken, bot, postButtons, settles, up, whispers, workspace } from './served-bot.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-renewed-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Slack takes the new ones alone from now on. */
async function renew(change: Partial<Record<'bot_token' | 'app_token' | 'signing_secret', string>>): Promise<void> {
  Object.assign(workspace.start, change);
  for (const [name, value] of Object.entries(change))
    await writeFile(join(folder, `SLACK_${name.toUpperCase()}`), `${value}\n`);
}

test('over Socket Mode, renewed tokens are used: the bot connects again, hears and answers', async () => {
  await up('socket', { secrets: folder });
  await renew({ bot_token: 'xoxb-renewed', app_token: 'xapp-renewed' });
  const ts = await postButtons(`renewed-${Date.now()}`);
  const before = workspace.connections();
  workspace.fault({ method: 'socket', kind: 'disconnect', abrupt: true });
  await settles(() => workspace.connections() === before);
  // Slack answers the refusal of a stranger by a call with the bot's token.
  await workspace.click({ user: 'carol', channel: 'oncall', ts, action_id: 'approve_fix' });
  await settles(() => whispers('carol').length > 0);
  expect(whispers('carol')).toEqual([expect.stringContaining('You cannot decide about this fix')]);
});

test('over HTTP, a renewed signing secret is what Slack signs with', async () => {
  await up('http', { secrets: folder });
  await renew({ signing_secret: 'another-signing-secret', bot_token: 'xoxb-renewed' });
  expect(await workspace.command({ user: 'carol', channel: 'oncall', text: '/calico help' })).toMatchObject({
    acked: true,
  });
});

test('a renewed token of Alertmanager is taken, and the old one is not', async () => {
  await up('http', { secrets: folder });
  const deliver = (token: string) =>
    fetch(`http://127.0.0.1:${bot.port}/alertmanager?channel=oncall`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: 'not JSON',
    }).then(({ status }) => status);
  expect(await deliver(alertToken)).toBe(400);
  await writeFile(join(folder, 'ALERT_TOKEN'), 'another-token-of-alertmanager');
  expect(await deliver(alertToken)).toBe(401);
  expect(await deliver('another-token-of-alertmanager')).toBe(400);
});
