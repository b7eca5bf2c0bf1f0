/** Alerts that other apps post in a channel, as Slack delivers them. */
import { describe, expect, test } from '@jest/globals';
import { createPostReader, type PostReaderDeps } from '../../src/bot/alert-posts.ts';
import { createSlackClient } from '../../src/adapters/slack-client.ts';
import { linesOf, type ChannelMessage } from '../../tools/slack-workspace/client.ts';
import { detailed } from '../runs/posted-alerts.ts';
import { jobsOf, logged, settles, store, up, workspace } from './served-bot.ts';

const alert = (status: string, pod: string) => {
  const { attachments } = detailed(status, pod);
  return { channel: 'oncall', text: '', attachments: [...attachments] };
};
const below = (ts: string) =>
  workspace
    .messages({ channel: 'oncall', thread_ts: ts })
    .slice(1)
    .map((one) => linesOf(one as unknown as ChannelMessage).join('\n'));

const receiveMany = async () => ({ alerts: [{ alert: 'A', run: 'r-1' }], more: 3, elsewhere: [] });

const receiveAgain = async () => ({
  alerts: [],
  more: 0,
  elsewhere: [{ run: 'r-1', at: '2026-01-01T00:00:00.000Z' }],
});
const away = () => Promise.reject(new Error('Redis is away'));

const postAt = (ts: string) => ({ apps: ['B0ALERTS'], name: '', channel: 'C0ONCALL', ts, edit: null, parts: [] });
const reader = (change: Partial<PostReaderDeps>) => {
  const [taken, said]: [string[], string[]] = [[], []];
  const read = createPostReader({
    channels: ['C0ONCALL'],
    apps: ['B0ALERTS'],
    runs: {
      receivePost: async ({ ts }) => (taken.push(ts), { alerts: [], more: 0, elsewhere: [] }),
      events: async () => [],
    },
    store: { once: async () => true, takeToken: async () => 0 },
    thread: { post: async ({ content, channel }) => (said.push(content.text), { channel, ts: '', thread: null }) },
    linksOf: async () => new Map(),
    tellUnmapped: async () => undefined,
    warn: () => undefined,
    ...change,
  });
  return { read, taken, said };
};

describe('a bot that reads the posts of an app', () => {
  test('diagnoses an alert below its post, and says below another what it could not map', async () => {
    await up('socket', { postApps: 'B0ALERTS' });
    const { taken } = jobsOf();
    const { ts } = workspace.message({ bot: 'Alertmanager', bot_id: 'B0ALERTS', ...alert('FIRING:1', 'mypod') });
    await settles(() => taken.length === 1);
    expect(taken[0]?.data).toMatchObject({
      kind: 'diagnosis',
      target: { namespace: 'default', pod: 'mypod' },
      origin: { kind: 'alert', channel: 'C0ONCALL', thread: ts },
    });
    const text = '[FIRING:1] Watchdog\ninstance: 192.0.2.7:9100';
    const other = workspace.message({ bot: 'Alertmanager', bot_id: 'B0ALERTS', channel: 'oncall', text });
    await settles(() => below(other.ts).length > 0);
    expect(below(other.ts)[0]).toMatch(
      /I cannot diagnose the alert Watchdog[^]*instance=192\.0\.2\.7:9100[^]*ALERT_TARGETS or ALERT_POST_TEXTS/,
    );
    const again = workspace.message({ bot: 'Alertmanager', bot_id: 'B0ALERTS', ...alert('FIRING:1', 'mypod') });
    await settles(() => below(again.ts).length > 0);
    expect(below(again.ts)[0]).toMatch(/See the thread of the alert that was posted at [\d:]+ UTC\./);
    expect(taken).toHaveLength(1);
  });

  test.each([
    ['another app', () => workspace.message({ bot: 'Alertmanager', bot_id: 'B0OTHER', ...alert('FIRING:1', 'mypod') })],
    [
      'a person',
      () => workspace.message({ user: 'bob', channel: 'oncall', text: '[FIRING:1] x\npod: a\nnamespace: b' }),
    ],
    [
      'the bot itself',
      () =>
        createSlackClient({ token: workspace.start.bot_token, apiUrl: workspace.apiUrl }).chat.postMessage({
          channel: 'C0ONCALL',
          text: '[FIRING:1] x\npod: a\nnamespace: b',
        }),
    ],
  ])('a post of %s asks for nothing', async (who, post) => {
    await up('socket', { postApps: 'B0ALERTS,B0CALICO' });
    const { taken } = jobsOf();
    const after = `after-${who.replaceAll(' ', '-')}`;
    await post();
    // What comes after it is taken: the post before it was looked at.
    workspace.message({ bot: 'Alertmanager', bot_id: 'B0ALERTS', ...alert('FIRING:1', after) });
    await settles(() => taken.length > 0);
    expect(taken.map(({ data }) => data)).toMatchObject([{ target: { pod: after } }]);
    if (who === 'another app')
      expect(logged.join('\n')).toMatch(/posts of "Alertmanager" \(B0OTHER\) in C0ONCALL are not read/);
  });
});

describe('a post that its app edits', () => {
  const { attachments: ended } = alert('RESOLVED', 'edited');

  test('is read in its new state, and resolves its alert', async () => {
    await up('socket', { postApps: 'B0ALERTS' });
    const { taken } = jobsOf();
    const post = workspace.message({ bot: 'Alertmanager', bot_id: 'B0ALERTS', ...alert('FIRING:1', 'edited') });
    await settles(() => taken.length === 1);
    const { run } = taken[0]!.data as { run: string };
    workspace.edit({ ...post, attachments: ended });
    await settles(async () => (await store.events(run)).some((event) => event.type === 'alert'));
    expect(await store.events(run)).toMatchObject([{ type: 'alert', status: 'resolved' }]);
  });

  test('is read one state after the other, though Slack delivers them at once', async () => {
    const order: string[] = [];
    const released = Promise.withResolvers<void>();
    const receivePost = async ({ ts, edit }: { ts: string; edit: string | null }) => {
      order.push(`${ts} ${edit} begins`);
      if (ts === '1') await released.promise;
      order.push(`${ts} ${edit} ends`);
      return { alerts: [], more: 0, elsewhere: [] };
    };
    const { read } = reader({ runs: { receivePost, events: async () => [] } });
    const states = [read(postAt('1')), read({ ...postAt('1'), edit: '2' })];
    await read(postAt('3'));
    released.resolve();
    await Promise.all(states);
    expect(order.filter((one) => one.startsWith('1'))).toEqual([
      '1 null begins',
      '1 null ends',
      '1 2 begins',
      '1 2 ends',
    ]);
    expect(order).toContain('3 null ends');
  });

  test('says once what it could not map, however often it is edited', async () => {
    const told: unknown[] = [];
    const seen = new Set<string>();
    const once = async (key: string) => !seen.has(key) && Boolean(seen.add(key));
    const unmapped = { id: 'x', channel: 'C0ONCALL', thread: '1', labels: {} };
    const { read } = reader({
      store: { once, takeToken: async () => 0 },
      runs: {
        receivePost: async () => ({ alerts: [{ alert: 'A', ignored: 'no pod', unmapped }], more: 0, elsewhere: [] }),
        events: async () => [],
      },
      tellUnmapped: async (all) => void told.push(...all),
    });
    for (const edit of [null, '2', '3', '3']) await read({ ...postAt('1'), edit });
    expect(told).toHaveLength(1);
  });
});

test('a post that quotes a diagnosis of this bot is not read: two bots would answer each other', async () => {
  const run = 'r-01JDT3M2XWQ8V5N7K9R0ABCDEF';
  const parts = [{ lines: ['default/mypod is unreachable', `asked by alert X · ${run}`], links: [] }];
  const events = async (id: string) => (id === run ? [{ type: 'started' }] : []) as never;
  const receivePost = async ({ ts }: { ts: string }) => (taken.push(ts), { alerts: [], more: 0, elsewhere: [] });
  const taken: string[] = [];
  const { read } = reader({ runs: { receivePost, events } });
  await read({ ...postAt('1'), parts });
  await read({ ...postAt('2'), parts: [{ lines: [run.replace('ABC', 'XYZ')], links: [] }] });
  expect(taken).toEqual(['2']);
});

describe('the pace', () => {
  test('posts above the pace of a channel ask for nothing, and some of them are told so', async () => {
    const left = new Map<string, number>();
    const takeToken = async (key: string, { holds }: { readonly holds: number }) => {
      left.set(key, (left.get(key) ?? holds) - 1);
      return (left.get(key) ?? 0) >= 0 ? 0 : 1000;
    };
    const { read, taken, said } = reader({ store: { once: async () => true, takeToken } });
    for (let at = 0; at < 1000; at += 1) await read(postAt(`${at}`));
    expect([taken.length, said.length]).toEqual([100, 5]);
    expect(said[0]).toContain('I read 100 posts of a channel at once');
  });

  test('alerts of a post that are too many are said below it', async () => {
    const { read, said } = reader({ runs: { receivePost: receiveMany, events: async () => [] } });
    await read(postAt('1'));
    expect(said).toEqual([
      expect.stringContaining('I read the first 1 alerts of this post, and not the 3 behind them'),
    ]);
  });

  test('a post that could not be taken is said below it: Slack delivers it once', async () => {
    const { read, said } = reader({ tellUnmapped: away });
    await read(postAt('1'));
    expect(said).toEqual([expect.stringContaining('This alert was not diagnosed')]);
  });

  test('a post of which a part could not be told is not called undiagnosed as a whole', async () => {
    const { read, said } = reader({ runs: { receivePost: receiveMany, events: async () => [] }, tellUnmapped: away });
    await read(postAt('1'));
    expect(said).toEqual([expect.stringContaining('Some alerts of this post were not diagnosed')]);
  });

  test('a post that joined a run is not called undiagnosed where the place of that run cannot be read', async () => {
    const warned: string[] = [];
    const { read, said } = reader({
      runs: { receivePost: receiveAgain, events: away },
      warn: (what) => void warned.push(what),
    });
    await read(postAt('1'));
    expect([said, warned]).toEqual([[], [expect.stringContaining('where its alert is told')]]);
  });

  test('a post that is delivered twice is taken once', async () => {
    const seen = new Set<string>();
    const once = async (key: string) => !seen.has(key) && Boolean(seen.add(key));
    const { read, taken } = reader({ store: { once, takeToken: async () => 0 } });
    for (let at = 0; at < 2; at += 1) await read(postAt('1'));
    expect(taken).toEqual(['1']);
  });
});
