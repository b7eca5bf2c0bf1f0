/** Replies in a thread that is about several alerts. */
import { beforeEach, expect, test } from '@jest/globals';
import { createMessageBook } from '../../src/bot/message-book.ts';
import { addressed, namesOf } from '../../src/bot/thread-runs.ts';
import type { RunEventBody, RunOrigin } from '../../src/model/runs.ts';
import type { Target } from '../../src/model/target.ts';
import { at, events, ipipLost, forbidden, sampleVerdict, target } from './sample-run.ts';
import { emptyRedis, jobsOf, settles, store, up, whispers, workspace } from './served-bot.ts';

const podOf = (pod: string, change: Partial<Target> = {}): Target => ({ ...target, namespace: 'shop', pod, ...change });
let post: string;

/** A run that is told below the post. */
async function told(run: string, of: Target, origin: Partial<RunOrigin> = {}): Promise<void> {
  const place = { kind: 'alert', channel: 'C0ONCALL', thread: post, joins: null, ...origin } as const;
  const alert = {
    fingerprint: run,
    name: 'PodDown',
    summary: '',
    startsAt: at,
    severity: null,
    runbook: null,
    graph: null,
  };
  const bodies: readonly RunEventBody[] = [
    { type: 'started', target: of, requester: 'alert PodDown', origin: place },
    ...(place.kind === 'alert' ? [{ type: 'alert', alert, status: 'firing' } as const] : []),
    {
      type: 'verdict',
      verdict: sampleVerdict({ run, roots: [of.pod === 'a' ? ipipLost : forbidden], consequences: [] }),
    },
  ];
  for (const event of events(bodies)) await store.append(run, event);
  await createMessageBook(store).rememberThread('C0ONCALL', post, run);
}

beforeEach(async () => {
  await emptyRedis();
  await up('socket');
  post = workspace.message({ bot: 'Grafana', bot_id: 'B0ALERTS', channel: 'oncall', text: '[FIRING:2] PodDown' }).ts;
  await told('r-a', podOf('a'));
  await told('r-b', podOf('b'));
});

const reply = (text: string) => workspace.message({ user: 'carol', channel: 'oncall', text, thread_ts: post });

test('a reply that names a pod is about that one, the other words mean what they mean', async () => {
  const { taken } = jobsOf();
  for (const [text, joins, change] of [
    ['again shop/a', 'r-a', {}],
    ['again `b` from node/n2', 'r-b', { from: { kind: 'node', name: 'n2' } }],
  ] as const) {
    taken.length = 0;
    reply(text);
    await settles(() => taken.length === 1);
    expect(taken[0]?.data).toMatchObject({ target: change, origin: { kind: 'recheck', thread: post, joins } });
  }
  reply('why shop/a?');
  await settles(() => whispers('carol').length === 1);
  expect(whispers('carol')[0]).toContain(ipipLost.title);
});

test('a reply that names none is asked back, to the person alone, with words to say', async () => {
  const { taken } = jobsOf();
  reply('again port 53/udp');
  await settles(() => whispers('carol').length === 1);
  expect(whispers('carol')[0]).toBe(
    'This thread has 2 diagnoses. Say which one: again port 53/udp shop/a, again port 53/udp shop/b.',
  );
  reply('why');
  await settles(() => whispers('carol').length === 2);
  expect(taken).toEqual([]);
});

const snoozed = async (run: string) => (await store.events(run)).some((event) => event.type === 'attention');

test('another target, and words to the alerts, need no name', async () => {
  const { taken } = jobsOf();
  reply('again pod:shop/c');
  await settles(() => taken.length === 1);
  expect(taken[0]?.data).toMatchObject({ target: { pod: 'c' }, origin: { joins: 'r-b' } });
  reply('snooze 30m');
  await settles(async () => (await snoozed('r-a')) && (await snoozed('r-b')));
  expect(whispers('carol')).toEqual([]);
});

test('diagnoses that replies asked for do not make a thread of one alert one of several', async () => {
  await told('r-b', podOf('b'));
  const client = workspace.message({
    bot: 'Grafana',
    bot_id: 'B0ALERTS',
    channel: 'oncall',
    text: '[FIRING:1] PodDown',
  });
  post = client.ts;
  await told('r-c', podOf('a'));
  await told('r-c2', podOf('a', { from: { kind: 'node', name: 'n2' } }), { kind: 'recheck', joins: 'r-c' });
  reply('why');
  await settles(() => whispers('carol').length === 1);
  expect(whispers('carol')[0]).toContain(ipipLost.title);
});

test('each run of a thread has a word that no other one has', () => {
  const runs = [
    { run: '1', target: podOf('a') },
    { run: '2', target: podOf('a', { port: { protocol: 'tcp', number: 8443 } }) },
    { run: '3', target: podOf('a', { cluster: 'west', port: { protocol: 'tcp', number: 8443 } }) },
    { run: '4', target: podOf('b') },
  ];
  const names = namesOf(runs);
  expect([names.get('3'), names.get('4')]).toEqual(['west', 'shop/b']);
  expect(addressed('why west', runs)).toEqual({ run: '3', words: 'why' });
  expect(addressed('why a', runs)).toBeNull();
});

test('workers that tell runs of one thread at once lose none of them', async () => {
  const book = createMessageBook(store);
  const ids = Array.from({ length: 12 }, (_, i) => `r-${i}`);
  await Promise.all(ids.map((id) => book.rememberThread('C0ONCALL', '1.1', id)));
  expect([...(await book.runsOf('C0ONCALL', '1.1'))].toSorted()).toEqual(ids.toSorted());
  await store.remember('thread.C0ONCALL.2.2', 'r-old', 60);
  await book.rememberThread('C0ONCALL', '2.2', 'r-new');
  expect(await book.runsOf('C0ONCALL', '2.2')).toEqual(['r-old', 'r-new']);
});

const source = (name: string) => podOf('a', { from: { kind: 'pod', namespace: 'shop', name } });

test('whatever tells two runs of one pod apart, the word that a person is told to say is understood', () => {
  const port = { protocol: 'tcp', number: 8443 } as const;
  for (const [one, other] of [
    [source('client'), source('other')],
    [podOf('a', { port: null }), podOf('a', { port })],
    [podOf('a', { cluster: 'east' }), podOf('a', { cluster: 'west' })],
    [podOf('a', { from: { kind: 'node', name: 'n2' } }), podOf('a')],
  ] as const) {
    const runs = [
      { run: 'r-1', target: one },
      { run: 'r-2', target: other },
    ];
    for (const [run, name] of namesOf(runs)) expect(addressed(`why ${name}?`, runs)).toEqual({ run, words: 'why' });
  }
});
