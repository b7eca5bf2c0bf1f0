import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createClock } from '../../src/adapters/clock.ts';
import { createChannelCheck } from '../../src/adapters/slack-channel.ts';
import { createSlackClient } from '../../src/adapters/slack-client.ts';
import { createSlackThread } from '../../src/adapters/slack-thread.ts';
import { createUnmappedTeller, type UnmappedDeps } from '../../src/bot/unmapped-alerts.ts';
import { linesOf, type ChannelMessage } from '../../tools/slack-workspace/client.ts';
import { ThreadError } from '../../src/model/thread.ts';
import { startWorkspace, type Workspace } from '../../tools/slack-workspace/start-workspace.ts';
import { until } from '../../tools/lab/run.ts';
import { store } from '../runs/alert-store.ts';

let workspace: Workspace;
const client = () => createSlackClient({ token: workspace.start.bot_token, apiUrl: workspace.apiUrl });

beforeEach(async () => {
  workspace = await startWorkspace();
});
afterEach(() => workspace.stop());

const alert = (name: string) => ({
  alert: name,
  ignored: 'its labels name no pod, workload or Service',
  unmapped: {
    id: `r-${name}`,
    channel: 'oncall',
    labels: { alertname: name, instance: '192.0.2.7:9100', job: 'node' },
  },
});
const warn: UnmappedDeps['warn'] = (what, error) => {
  throw new Error(what, { cause: error });
};
const words = () =>
  workspace.messages({ channel: 'oncall' }).map((message) => linesOf(message as unknown as ChannelMessage).join('\n'));

test('alerts of one delivery that name nothing are one message, once, also when its answer is lost', async () => {
  const thread = createSlackThread({ client: client(), clock: createClock() });
  workspace.fault({ method: 'chat.postMessage', kind: 'drop-answer', times: 1 });
  const mapped = { alert: 'PodDown', run: 'r-1' };
  const tell = createUnmappedTeller({ store, thread, warn });
  for (let i = 0; i < 2; i += 1) await tell([alert('DiskFull'), mapped, alert('Watchdog')]);
  expect(words()).toHaveLength(1);
  expect(words()[0]).toMatch(/I cannot diagnose 2 alerts/);
  expect(words()[0]).toContain(
    'DiskFull: its labels name no pod, workload or Service. instance=192.0.2.7:9100 job=node',
  );
  expect(words()[0]).toContain('ALERT_TARGETS');
});

test('those above the pace of a channel are said together as soon as it allows, without another delivery', async () => {
  const posted: string[] = [];
  const thread = { post: async ({ content }: { content: { text: string } }) => void posted.push(content.text) };
  let tokens = 1;
  let full: Error | null = null;
  const takeToken = async () => (tokens-- > 0 ? 0 : 1500);
  const calls: { readonly ms: number; readonly act: () => void }[] = [];
  const warned: string[] = [];
  const tell = createUnmappedTeller({
    store: { ...store, takeToken },
    thread: { post: async (message: never) => (full ? Promise.reject(full) : thread.post(message)) } as never,
    warn: (what) => void warned.push(what),
    later: (ms, act) => void calls.push({ ms, act }),
  });
  for (const name of ['A', 'B', 'C', 'B']) await tell([alert(name)]);
  expect(posted).toHaveLength(1);
  expect(calls.map(({ ms }) => ms)).toEqual([1500]);
  calls.shift()?.act();
  await until('the call after the next', 10, async () => (calls.length === 1 ? true : null));
  [tokens, full] = [1, new Error('Slack is away')];
  calls.shift()?.act();
  await until('a try after the failed one', 10, async () => (calls.length === 1 ? true : null));
  expect(warned).toHaveLength(1);
  [tokens, full] = [1, null];
  calls.shift()?.act();
  await until('the others to be told', 10, async () => (posted.length === 2 ? true : null));
  expect(posted[1]).toMatch(/I cannot diagnose 2 alerts/);
  expect(calls).toEqual([]);
});

test('an alert that two Alertmanagers deliver at once is told once', async () => {
  const thread = createSlackThread({ client: client(), clock: createClock() });
  const tell = createUnmappedTeller({ store, thread, warn });
  await Promise.all([tell([alert('Twice')]), tell([alert('Twice')])]);
  expect(words()).toHaveLength(1);
});

const ended = () => Promise.reject(new Error('it ended'));

test('a process that ended after its message, and two at once, repeat nothing', async () => {
  const thread = createSlackThread({ client: client(), clock: createClock() });
  const dying = createUnmappedTeller({
    store: {
      ...store,
      remember: (key, ...rest) => (key.startsWith('unmapped.') ? ended() : store.remember(key, ...rest)),
    },
    thread,
    warn,
  });
  await expect(dying([alert('Restarted')])).rejects.toThrow('it ended');
  const calls: number[] = [];
  const tellers = [0, 1].map(() => createUnmappedTeller({ store, thread, warn, later: (ms) => void calls.push(ms) }));
  await Promise.all(tellers.map((tell) => tell([alert('Restarted'), alert('Both')])));
  expect(words()).toHaveLength(2);
  // Who had no turn looks again later, and finds it told.
  expect(calls.filter((ms) => ms !== 30_000)).toEqual([]);
  await createUnmappedTeller({ store, thread, warn })([alert('Restarted'), alert('Both')]);
  expect(words()).toHaveLength(2);
});

test('what Slack refuses is not tried again and again', async () => {
  const calls: (() => void)[] = [];
  const warned: string[] = [];
  const waits = [1500, 0];
  const tell = createUnmappedTeller({
    store: { ...store, takeToken: async () => waits.shift() ?? 0 },
    thread: { post: () => Promise.reject(new ThreadError('refused', 'Slack: is_archived')) } as never,
    warn: (what) => void warned.push(what),
    later: (_ms, act) => void calls.push(act),
  });
  await tell([alert('Refused')]);
  calls.shift()?.();
  await until('the refusal to be told', 10, async () => (warned.length === 1 ? true : null));
  expect(calls).toEqual([]);
});

test('says why nothing can be posted to a channel, and joins one that it may join', async () => {
  const check = createChannelCheck({ client: client() });
  expect(await check('oncall')).toBeNull();
  expect(await check('no-such-channel')).toMatch(/no public channel no-such-channel/);
  expect(await check('C0NOWHERE')).toMatch(/channel_not_found/);
  workspace.fault({ method: 'conversations.info', kind: '500', times: 9 });
  workspace.fault({ method: 'conversations.list', kind: '500', times: 9 });
  expect(await check('oncall')).toBeNull();
});

test('posts that wait for their reply are bounded, and the log says which channel has too many', async () => {
  const warned: string[] = [];
  let calls = 0;
  const quick = {
    ...store,
    recall: async () => null,
    keepFirst: async (_key: string, value: string) => value,
    forget: async () => true,
    takeToken: async () => 1000,
  };
  const tell = createUnmappedTeller({
    store: quick,
    thread: createSlackThread({ client: client(), clock: createClock() }),
    warn: (what) => void warned.push(what),
    later: () => void (calls += 1),
  });
  for (let at = 0; at < 1001; at += 1) {
    const { unmapped, ...one } = alert(`Down${at}`);
    await tell([{ ...one, unmapped: { ...unmapped, thread: `${at}.1` } }]);
  }
  expect([calls, warned]).toEqual([1000, [expect.stringMatching(/not told in oncall: too many wait$/)]]);
});
