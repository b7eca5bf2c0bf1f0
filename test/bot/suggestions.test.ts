import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { keptRecent, suggest, type SuggestDeps } from '../../src/bot/suggestions.ts';
import type { KnownClusters } from '../../src/model/known-clusters.ts';
import type { RecentRun } from '../../src/runs/surface.ts';
import { hostileText } from './hostile-words.ts';

const one: KnownClusters = [{ name: 'default', channels: [], alertChannel: null }];
const two: KnownClusters = ['east', 'west'].map((name) => ({ name, channels: [], alertChannel: null }));
const metadata = JSON.stringify({ channel: 'C0ONCALL' });
const inShop = ['shop/api-7d9c', 'shop/api-7d9d', 'shop/web-0', 'svc:shop/api'];
const known: Readonly<Record<string, readonly string[]>> = {
  '': ['default', 'shared', 'shop', 'workshop'],
  shop: inShop,
  workshop: ['workshop/lathe'],
};

const recentRun = (name: string): RecentRun => {
  const [namespace = '', pod = ''] = name.split('/');
  const target = { cluster: 'default', namespace, pod, from: null, port: null };
  return { run: 'r-1', at: '', target, requester: 'U0CAROL', end: null };
};

function deps(change: Partial<SuggestDeps['runs']> = {}, clusters = one): SuggestDeps & { readonly warned: string[] } {
  const warned: string[] = [];
  return {
    clusters,
    warned,
    waitMs: 200,
    warn: (what) => void warned.push(what),
    runs: { recent: async () => [], names: async ({ namespace }) => known[namespace ?? ''] ?? [], ...change },
  };
}

interface Group {
  readonly label: { readonly text: string };
  readonly options: readonly { readonly text: { readonly text: string }; readonly value: string }[];
}

async function groupsOf(given: SuggestDeps, typed: string): Promise<readonly Group[]> {
  const answer = await suggest(given, { field: 'chosen', typed, metadata });
  if (!answer['option_groups']) {
    expect(answer).toEqual({ options: [] });
    return [];
  }
  expect(answer['option_groups'].length).toBeGreaterThan(0);
  return answer['option_groups'] as readonly Group[];
}

/** What is offered, as a list: a group's label, then its options. */
async function offered(typed: string, given = deps()): Promise<readonly (readonly string[])[]> {
  return (await groupsOf(given, typed)).map(({ label, options }) => [label.text, ...options.map(({ value }) => value)]);
}

test.each<readonly [string, readonly (readonly string[])[]]>([
  ['shop/', [['shop', ...inShop]]],
  ['shop/api', [['shop', 'svc:shop/api', 'shop/api-7d9c', 'shop/api-7d9d']]],
  ['SHOP/7d9d', [['shop', 'shop/api-7d9d']]],
  ['svc:shop/', [['shop', 'svc:shop/api']]],
  [
    'shop',
    [
      ['shop', ...inShop],
      ['workshop', 'workshop/lathe'],
    ],
  ],
  ['work', [['workshop', 'workshop/lathe']]],
  ['shop/nothing', []],
  ['nothing/', []],
  ['../etc/', []],
])('%j offers what begins with it, then what holds it', async (typed, groups) => {
  expect(await offered(typed)).toEqual(groups);
});

const recent = async () => ['shop/web-0', 'shop/web-0', 'db/main-0'].map(recentRun);

test('recent targets come first, once, and also where no worker answers', async () => {
  expect((await offered('shop/web', deps({ recent })))[0]).toEqual(['Recent diagnoses', 'shop/web-0']);
  const away = deps({ recent, names: () => Promise.reject(new Error('Redis is away')) });
  expect(await offered('', away)).toEqual([['Recent diagnoses', 'shop/web-0', 'db/main-0']]);
  expect(away.warned).toHaveLength(1);
});

test('whoever types, recent diagnoses are read once in ten seconds, and again after a failure', async () => {
  let [now, read, fails] = [0, 0, true];
  const clock = { now: () => new Date(now) };
  const recent = async () => {
    read += 1;
    if (fails) throw new Error('Redis is away');
    return [recentRun('shop/web-0')];
  };
  const often = keptRecent({ recent }, clock);
  await expect(often(20)).rejects.toThrow('Redis is away');
  fails = false;
  for (const at of [0, 5000, 9999]) {
    now = at;
    expect(await often(20)).toHaveLength(1);
  }
  expect(read).toBe(2);
  now = 10_000;
  await Promise.all([often(20), often(20)]);
  expect(read).toBe(3);
});

test('names that do not come in time are not waited for', async () => {
  const slow = deps({ names: () => new Promise(() => undefined) });
  expect(await offered('shop/', slow)).toEqual([]);
  expect(slow.warned).toEqual(['names for a dialog could not be read']);
});

test('a worker is asked about namespaces that exist, or about any where nobody may list them', async () => {
  const asked: (string | null)[] = [];
  const names = (all: readonly string[]): SuggestDeps['runs']['names'] => {
    return async ({ namespace }) => {
      asked.push(namespace);
      return namespace === null ? all : inShop;
    };
  };
  await offered('made-up/', deps({ names: names(['shop']) }));
  expect(asked).toEqual([null]);
  expect(await offered('shop/web', deps({ names: names([]) }))).toEqual([['shop', 'shop/web-0']]);
});

test('with several clusters, a choice says which', async () => {
  expect(await offered('workshop', deps({}, two))).toEqual([
    ['east workshop', 'east workshop/lathe'],
    ['west workshop', 'west workshop/lathe'],
  ]);
});

test('in the channel of a cluster, only its names and its diagnoses are offered', async () => {
  const [east, west] = two.map(({ name }) => ({ name, channels: [`C0${name.toUpperCase()}`], alertChannel: null }));
  const asked = new Set<string>();
  const names: SuggestDeps['runs']['names'] = async ({ cluster, namespace }) => {
    asked.add(cluster);
    return known[namespace ?? ''] ?? [];
  };
  const ofWest = recentRun('shop/elsewhere');
  const recent = async () => [{ ...ofWest, target: { ...ofWest.target, cluster: 'west' } }];
  const given = deps({ names, recent }, [east!, west!]);
  const inEast = { field: 'chosen', typed: 'shop/', metadata: JSON.stringify({ channel: 'C0EAST' }) };
  const told = JSON.stringify(await suggest(given, inEast));
  expect([...asked]).toEqual(['east']);
  expect(told).toContain('"shop/web-0"');
  expect(told).not.toMatch(/west|elsewhere/);
});

test('a dialog that carries nothing offers nothing', async () => {
  expect(await suggest(deps(), { field: 'chosen', typed: 'shop', metadata: '' })).toEqual({ options: [] });
});

test('whatever is typed and named, the options are plain text within the limits of Slack', async () => {
  const words = fc.oneof(fc.string({ maxLength: 90 }), hostileText);
  await fc.assert(
    fc.asyncProperty(words, fc.array(words, { maxLength: 150 }), async (typed, names) => {
      const given = deps({ names: async () => names, recent: async () => names.map(recentRun) });
      const groups = await groupsOf(given, typed);
      const all = groups.flatMap(({ label, options }) => [label, ...options.map(({ text }) => text)]);
      for (const text of all) {
        expect(text).toEqual({ type: 'plain_text', text: expect.any(String), emoji: false });
        expect(text.text.length).toBeLessThanOrEqual(75);
        expect(text.text).not.toMatch(/[\p{Cc}\u200B\u202A-\u202E\u2066-\u2069]/u);
        expect(text.text.isWellFormed()).toBe(true);
      }
      const options = groups.flatMap((group) => group.options);
      expect(options.length).toBeLessThanOrEqual(100);
      for (const { value } of options) expect([value.length > 0, value.length <= 75]).toEqual([true, true]);
    }),
    { numRuns: 40 },
  );
});
