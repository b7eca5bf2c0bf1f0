/** Messages that somebody deleted, below which a run is told. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createClock } from '../../src/adapters/clock.ts';
import { createRunStore } from '../../src/adapters/run-store.ts';
import { createSlackClient } from '../../src/adapters/slack-client.ts';
import { createSlackThread } from '../../src/adapters/slack-thread.ts';
import { createMessageBook } from '../../src/bot/message-book.ts';
import { createNotifier } from '../../src/bot/notifier.ts';
import type { RunEventBody, RunStore } from '../../src/model/runs.ts';
import { startTestRedis } from '../support/redis.ts';
import { testSeals } from '../support/signing.ts';
import { linesOf, type ChannelMessage } from '../../tools/slack-workspace/client.ts';
import { startWorkspace, type Workspace } from '../../tools/slack-workspace/start-workspace.ts';
import { events, sampleRun, settled, started, wholeRun } from './sample-run.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let workspace: Workspace;
let store: RunStore;
let number = 0;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  workspace = await startWorkspace();
  store = createRunStore({
    address: redis.address,
    onError: (error) => {
      throw error;
    },
    prefix: `deleted-${(number += 1)}`,
  });
});
afterEach(async () => {
  await store.close();
  await workspace.stop();
});

const clientOf = () => createSlackClient({ token: workspace.start.bot_token, apiUrl: workspace.apiUrl });
async function told(bodies: readonly RunEventBody[]): Promise<void> {
  for (const event of events(bodies)) await store.append(sampleRun, event);
  const clock = createClock();
  const thread = createSlackThread({ client: clientOf(), clock });
  const notify = createNotifier({ store, seals: testSeals, clock, thread, warn: () => undefined });
  await notify(sampleRun, new AbortController().signal);
}

const messages = () => workspace.messages({ channel: 'oncall' });
const own = () => messages().filter((message) => message['bot_id'] === workspace.start.app.bot_id);
const parts = () => own().map((message) => /\/([a-z]+)[^/]*$/.exec(JSON.stringify(message['metadata']))?.[1]);
const isInChannel = (message: ReturnType<typeof own>[number] | undefined) =>
  [undefined, message?.['ts']].includes(message?.['thread_ts']);
const wordsOf = (message: unknown) => linesOf(message as ChannelMessage).join('\n');
const alertPost = () =>
  workspace.message({ bot: 'Alertmanager', channel: 'oncall', text: '[FIRING:1] PodUnreachable' });
const below = (thread: string) =>
  ({ ...started, origin: { kind: 'alert', channel: 'C0ONCALL', thread, joins: null } }) as const;

test('a verdict whose alert post was deleted is told in the channel, with its thread below it', async () => {
  const { ts, channel } = alertPost();
  workspace.remove({ channel, ts });
  await told([below(ts), ...wholeRun.slice(1)]);
  const [parent, ...replies] = own();
  expect(isInChannel(parent)).toBe(true);
  expect(wordsOf(parent)).toContain('is unreachable');
  expect(replies.map((message) => message['thread_ts'])).toEqual(replies.map(() => parent?.['ts']));
  expect(replies.length).toBeGreaterThan(1);
  // Replies and buttons find the run there.
  expect(await createMessageBook(store).runsOf(channel, String(parent?.['ts']))).toEqual([sampleRun]);
  const before = own();
  await told([]);
  expect(own()).toEqual(before);
});

test('where Slack refuses such a reply, it is told in the channel, too', async () => {
  const asked: (string | undefined)[] = [];
  const client = clientOf();
  const post = client.chat.postMessage.bind(client.chat);
  const { ts, channel } = alertPost();
  // What Slack answers in some of these cases.
  const refusing = Object.assign(client, {
    chat: Object.assign(client.chat, {
      postMessage: async (given: Parameters<typeof post>[0] & { thread_ts?: string }) => {
        asked.push(given.thread_ts);
        return post(given.thread_ts === ts ? { ...given, channel: 'C0NONE' } : given).catch((error: unknown) => {
          throw Object.assign(error as Error, { data: { ok: false, error: 'thread_not_found' } });
        });
      },
    }),
  });
  const thread = createSlackThread({ client: refusing, clock: createClock() });
  const content = { text: 'x', blocks: [] };
  expect(await thread.post({ channel, thread: ts, key: 'k', content })).toMatchObject({ channel, thread: null });
  expect(asked).toEqual([ts, undefined]);
});

test('a post below a deleted message whose answer is lost is found in the channel', async () => {
  const { ts, channel } = alertPost();
  workspace.remove({ channel, ts });
  workspace.fault({ method: 'chat.postMessage', kind: 'drop-answer', times: 1 });
  await told([below(ts), ...wholeRun.slice(1)]);
  expect(parts().filter((part) => part === 'parent')).toHaveLength(1);
  expect(isInChannel(own()[0])).toBe(true);
});

test('a parent that is deleted before its verdict is told again, with the verdict', async () => {
  await told([started]);
  workspace.remove({ channel: 'oncall', ts: String(own()[0]?.['ts']) });
  await told(wholeRun.slice(1));
  const [parent, ...replies] = own();
  expect(wordsOf(parent)).toContain('is unreachable');
  expect(new Set(replies.map((message) => message['thread_ts']))).toEqual(new Set([parent?.['ts']]));
  expect(parts().filter((part) => part === 'parent')).toHaveLength(1);
});

test('a reply to a parent that is deleted is not left in the channel without it', async () => {
  await told([started]);
  workspace.remove({ channel: 'oncall', ts: String(own()[0]?.['ts']) });
  await told([{ type: 'step-settled', step: settled('endpoint') }]);
  expect(parts()).toEqual(['parent', 'steps']);
  expect(own()[1]?.['thread_ts']).toBe(own()[0]?.['ts']);
});

test('a verdict that people have read, and somebody deleted, stays deleted', async () => {
  await told(wholeRun);
  workspace.remove({ channel: 'oncall', ts: String(own()[0]?.['ts']) });
  const count = messages().length;
  await told([{ type: 'attention', what: 'acknowledged', by: 'U0BOB', until: null }]);
  expect(messages()).toHaveLength(count);
});

test('a worker that ended while it began a thread anew leaves that to the next one', async () => {
  await told([started]);
  const gone = String(own()[0]?.['ts']);
  workspace.remove({ channel: 'oncall', ts: gone });
  // All that the first worker did.
  await store.keepFirst(`anew.${sampleRun}`, gone, 60);
  await told(wholeRun.slice(1));
  expect(wordsOf(own()[0])).toContain('is unreachable');
  expect(parts().filter((part) => part === 'parent')).toHaveLength(1);
});

test('a parent that was deleted again is not told a third time', async () => {
  await told([started]);
  workspace.remove({ channel: 'oncall', ts: String(own()[0]?.['ts']) });
  await told([{ type: 'step-settled', step: settled('endpoint') }]);
  workspace.remove({ channel: 'oncall', ts: String(own()[0]?.['ts']) });
  await told([{ type: 'step-settled', step: settled('routes') }]);
  expect(parts()).not.toContain('parent');
});
