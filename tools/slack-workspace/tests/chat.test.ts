import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { KnownBlock, MessageMetadata } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { startWorkspace, type Workspace } from '../start-workspace.ts';
import { refusal, webClient } from './web-client.ts';

const channel = 'C0ONCALL';
let workspace: Workspace;
let client: WebClient;

beforeEach(async () => {
  workspace = await startWorkspace();
  client = webClient(workspace);
});
afterEach(() => workspace.stop());

interface Post {
  text?: string;
  thread_ts?: string;
  metadata?: MessageMetadata;
  blocks?: KnownBlock[];
}

async function posted(args: Post = {}): Promise<string> {
  const { ts } = await client.chat.postMessage({ channel, text: 'x', ...args });
  return ts ?? '';
}

test('a thread holds its replies; the parent counts them; the channel does not show them', async () => {
  const parent = await posted({ text: 'parent' });
  const reply = await posted({ text: 'reply', thread_ts: parent });
  const history = await client.conversations.history({ channel });
  expect(history.messages).toMatchObject([{ text: 'parent', reply_count: 1, latest_reply: reply, thread_ts: parent }]);
  const replies = await client.conversations.replies({ channel, ts: parent });
  expect(replies.messages?.map((one) => one.text)).toEqual(['parent', 'reply']);
  expect(replies.messages?.[1]).toMatchObject({ thread_ts: parent, parent_user_id: 'U0CALICO', bot_id: 'B0CALICO' });
});

test('metadata comes back only to who asks, and stays over an update that does not mention it', async () => {
  const metadata = { event_type: 'run', event_payload: { key: 'r-1' } };
  const ts = await posted({ metadata });
  await client.chat.update({ channel, ts, text: 'y' });
  const without = await client.conversations.history({ channel });
  expect(without.messages?.[0]).not.toHaveProperty('metadata');
  const withIt = await client.conversations.history({ channel, include_all_metadata: true });
  expect(withIt.messages?.[0]?.metadata).toEqual(metadata);
});

test('what Slack refuses of a message is refused in its words', async () => {
  const ts = await posted();
  const long = { type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3000) } };
  const foreign = workspace.message({ user: 'alice', channel, text: 'mine' });
  const cases: [string, () => Promise<unknown>][] = [
    ['no_text', () => client.chat.postMessage({ channel, text: '' })],
    ['channel_not_found', () => client.chat.postMessage({ channel: 'C0NOWHERE', text: 'x' })],
    ['not_in_channel', () => client.chat.postMessage({ channel: 'C0GENERAL', text: 'x' })],
    ['invalid_thread_ts', () => client.chat.postMessage({ channel, text: 'x', thread_ts: '17' })],
    ['invalid_blocks', () => client.chat.postMessage({ channel, text: 'x', blocks: [{ type: 'nonsense' }] })],
    [
      'msg_blocks_too_long',
      () => client.chat.postMessage({ channel, text: 'x', blocks: [long, long, long, long, long] }),
    ],
    [
      'invalid_metadata_format',
      () => client.chat.postMessage({ channel, text: 'x', metadata: { event_type: '', event_payload: {} } }),
    ],
    ['message_not_found', () => client.chat.update({ channel, ts: '1700000000.000001', text: 'x' })],
    ['cant_update_message', () => client.chat.update({ channel, ts: foreign.ts, text: 'x' })],
    ['cant_delete_message', () => client.chat.delete({ channel, ts: foreign.ts })],
    ['msg_too_long', () => client.chat.update({ channel, ts, text: 'x'.repeat(4001) })],
    ['user_not_in_channel', () => client.chat.postEphemeral({ channel, user: 'U0NOBODY', text: 'x' })],
    ['thread_not_found', () => client.conversations.replies({ channel, ts: '1700000000.000001' })],
    [
      'already_reacted',
      () =>
        client.reactions
          .add({ channel, timestamp: ts, name: 'eyes' })
          .then(() => client.reactions.add({ channel, timestamp: ts, name: 'eyes' })),
    ],
    ['invalid_cursor', () => client.conversations.history({ channel, cursor: 'x' })],
    ['unknown_method', () => client.apiCall('chat.nonsense')],
  ];
  for (const [code, call] of cases) expect([code, await refusal(call())]).toEqual([code, code]);
});

test('tokens and scopes are checked', async () => {
  const narrow = await startWorkspace({ override: { scopes: ['chat:write'] } });
  try {
    expect(await refusal(webClient(workspace, 'xoxb-wrong').auth.test())).toBe('invalid_auth');
    expect(await refusal(webClient(workspace, '').auth.test())).toBe('not_authed');
    expect(
      await refusal(webClient(workspace, workspace.start.app_token).chat.postMessage({ channel, text: 'x' })),
    ).toBe('not_allowed_token_type');
    expect(await refusal(client.apps.connections.open({}))).toBe('not_allowed_token_type');
    expect(await refusal(webClient(narrow).conversations.history({ channel }))).toBe('missing_scope');
    expect(await refusal(webClient(narrow).reactions.add({ channel, timestamp: '1', name: 'eyes' }))).toBe(
      'missing_scope',
    );
  } finally {
    await narrow.stop();
  }
});

test('an ephemeral message is seen by one person, and not by the API', async () => {
  await client.chat.postEphemeral({ channel, user: 'U0BOB', text: 'psst' });
  expect(workspace.messages({ channel, user: 'bob' })).toHaveLength(1);
  expect(workspace.messages({ channel, user: 'alice' })).toHaveLength(0);
  expect((await client.conversations.history({ channel })).messages).toEqual([]);
});

test('history comes in pages, newest first, and by time', async () => {
  const all = [await posted({ text: '1' }), await posted({ text: '2' }), await posted({ text: '3' })];
  const first = await client.conversations.history({ channel, limit: 2 });
  expect(first.messages?.map((one) => one.text)).toEqual(['3', '2']);
  expect(first.has_more).toBe(true);
  const second = await client.conversations.history({
    channel,
    limit: 2,
    cursor: first.response_metadata?.next_cursor ?? '',
  });
  expect(second.messages?.map((one) => one.text)).toEqual(['1']);
  const later = await client.conversations.history({ channel, oldest: all[0] ?? '' });
  expect(later.messages?.map((one) => one.text)).toEqual(['3', '2']);
});

test('a text alone removes blocks; a user id posts to the direct message', async () => {
  const ts = await posted({ blocks: [{ type: 'divider' }] });
  await client.chat.update({ channel, ts, text: 'only text' });
  expect((await client.conversations.history({ channel })).messages?.[0]).not.toHaveProperty('blocks');
  const direct = await client.chat.postMessage({ channel: 'U0ALICE', text: 'hi' });
  expect(direct.channel).toMatch(/^D/);
  expect((await client.conversations.open({ users: 'U0ALICE' })).channel?.id).toBe(direct.channel);
});

test('a deleted parent leaves a tombstone while there are replies', async () => {
  const parent = await posted({ text: 'parent' });
  const reply = await posted({ text: 'reply', thread_ts: parent });
  await client.chat.delete({ channel, ts: parent });
  expect((await client.conversations.replies({ channel, ts: parent })).messages).toMatchObject([
    { subtype: 'tombstone' },
    { text: 'reply' },
  ]);
  expect(await refusal(client.chat.update({ channel, ts: parent, text: 'again' }))).toBe('cant_update_message');
  await client.chat.delete({ channel, ts: reply });
  expect(workspace.messages({ channel })).toHaveLength(1);
});

test('people and groups are found', async () => {
  expect((await client.users.info({ user: 'U0BOB' })).user?.real_name).toBe('Bob Lindqvist');
  expect((await client.users.lookupByEmail({ email: 'carol@example.com' })).user?.id).toBe('U0CAROL');
  expect((await client.usergroups.list({ include_users: true })).usergroups).toMatchObject([
    { handle: 'platform', users: ['U0BOB'] },
  ]);
  expect((await client.usergroups.users.list({ usergroup: 'S0PLATFORM' })).users).toEqual(['U0BOB']);
  expect(await refusal(client.users.info({ user: 'U0NOBODY' }))).toBe('user_not_found');
});

test('a file is uploaded, shared in a thread and read again', async () => {
  const parent = await posted();
  await client.files.uploadV2({
    channel_id: channel,
    thread_ts: parent,
    filename: 'out.txt',
    content: 'línea uno\nline two',
    initial_comment: 'the whole output',
  });
  const [message] = workspace.messages({ channel, thread_ts: parent }).slice(-1);
  expect(message).toMatchObject({
    text: 'the whole output',
    thread_ts: parent,
    files: [{ name: 'out.txt', size: 19 }],
  });
  expect(workspace.files()).toMatchObject([{ name: 'out.txt', content: 'línea uno\nline two' }]);
  const info = await client.files.info({ file: String(workspace.files()[0]?.['id']) });
  expect(await (await fetch(info.file?.url_private ?? '')).text()).toBe('línea uno\nline two');
});
