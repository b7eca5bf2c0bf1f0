import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PlanRecord } from '../../src/model/fix.ts';
import type { RunStore } from '../../src/model/runs.ts';
import { withoutSecrets } from '../../src/model/stored-event.ts';
import { tell } from '../../src/runs/tell.ts';
import { redisOptions } from '../../src/adapters/redis-connection.ts';
import { createRunStore } from '../../src/adapters/run-store.ts';
import { samplePlan } from '../support/sample-plan.ts';
import { plantedSecrets, secretsIn } from '../support/planted-secrets.ts';
import { proposed } from '../support/signing.ts';
import { wholeRun } from '../bot/sample-run.ts';
import { startTestRedis } from '../support/redis.ts';
import { until } from '../../tools/lab/run.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let stores: RunStore[];
const fail = (error: Error) => {
  throw error;
};

beforeAll(async () => {
  redis = await startTestRedis();
  stores = [1, 2].map(() => createRunStore({ address: redis.address, onError: fail }));
});
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await redis.stop();
});
const [one, two] = [() => stores[0]!, () => stores[1]!];

test('events come back in the order in which they were appended', async () => {
  const counts = [];
  for (const by of ['a', 'b', 'c'])
    counts.push(await one().append('r-1', withoutSecrets({ at: '2026-01-01T00:00:00.000Z', type: 'cancelled', by })));
  expect(counts).toEqual([1, 2, 3]);
  expect(await two().events('r-1')).toEqual(
    ['a', 'b', 'c'].map((by) => ({ at: '2026-01-01T00:00:00.000Z', type: 'cancelled', by })),
  );
  expect(await two().events('r-unknown')).toEqual([]);
});

test('events and reasons are kept without secrets', async () => {
  const told = plantedSecrets.map(({ text }) => text).join('\n');
  const clock = { now: () => new Date(), sleep: async () => undefined };
  const deps = { store: one(), clock, queues: null, warn: () => undefined };
  await tell(deps, 'r-told', { type: 'failed', code: 'internal', message: told, next: told });
  await one().savePlan({ ...proposed(samplePlan({ id: 'p-told' })), state: 'failed', reason: told });
  const kept = JSON.stringify([await two().events('r-told'), await two().plan('p-told')]);
  expect(kept).toContain('[redacted]');
  expect(secretsIn(kept)).toEqual([]);
});

describe('events that others wrote', () => {
  const good = withoutSecrets({ at: '2026-01-01T00:00:00.000Z', type: 'cancelled', by: 'ann' } as const);
  const warned: string[] = [];
  let runs = 0;
  /** What a store reads, and what it tells, where Redis holds these texts before a good event. */
  const read = async (...texts: readonly string[]) => {
    warned.length = 0;
    const other = new Redis(redisOptions(redis.address));
    const store = createRunStore({ address: redis.address, onError: (error) => void warned.push(error.message) });
    runs += 1;
    const run = `r-others-${runs}`;
    try {
      await other.rpush(`calico-chatops:run:${run}`, ...texts);
      await store.append(run, good);
      return { events: await store.events(run), warned, kept: await other.llen(`calico-chatops:run:${run}`) };
    } finally {
      other.disconnect();
      await store.close();
    }
  };

  test('an event of the first version, which named none, is read', async () => {
    expect(await read(JSON.stringify(good))).toEqual({ events: [good, good], warned: [], kept: 2 });
  });

  test.each([
    ['of an unknown type', { ...good, type: 'applauded' }],
    ['of a later version', { ...good, version: 99, by: 7 }],
    ['of a type that every object has', { ...good, type: 'constructor' }],
  ])('one %s is kept and ignored', async (_what, event) => {
    expect(await read(JSON.stringify(event))).toEqual({ events: [good], warned: [], kept: 2 });
  });

  test.each([
    ['no JSON', '{"type":'],
    ['a number', '7'],
    ['null', 'null'],
    ['an event without its time', JSON.stringify({ type: 'cancelled', by: 'ann' })],
    ['a verdict that is not one', JSON.stringify({ at: good.at, type: 'verdict', verdict: { roots: 'none' } })],
    ['a version that is not one', JSON.stringify({ ...good, version: 'new' })],
  ])('%s is a warning, and the others are read', async (_what, text) => {
    const { events, warned: told } = await read(text);
    expect(events).toEqual([good]);
    expect(told).toEqual([expect.stringMatching(/^event 1 of r-.* in Redis is ignored: /)]);
  });
});

test.each(wholeRun.map((body) => [body.type, body] as const))('a %s comes back as it was told', async (type, body) => {
  const run = `r-whole-${type}`;
  // A finding is told before the verdict has numbered it.
  const own =
    body.type === 'finding' ? { ...body, finding: { ...body.finding, id: undefined, because: undefined } } : body;
  const event = withoutSecrets({ at: '2026-01-01T00:00:00.000Z', ...own });
  await one().append(run, event);
  expect((await two().events(run)).at(-1)).toEqual(event);
});

test('what Redis refuses is told as a store that cannot be reached', async () => {
  const attacker = new Redis(redisOptions(redis.address));
  try {
    await attacker.set('calico-chatops:run:r-string', 'not a list');
    await expect(one().events('r-string')).rejects.toMatchObject({
      name: 'StoreUnreachable',
      message: expect.stringContaining('WRONGTYPE'),
    });
  } finally {
    attacker.disconnect();
  }
});

describe('plans', () => {
  const record: PlanRecord = proposed(samplePlan({ id: 'p-1' }));

  test('a plan comes back as it was saved', async () => {
    await one().savePlan(record);
    expect(await two().plan('p-1')).toEqual(record);
    expect((await two().plans()).filter(({ plan }) => plan.id === 'p-1')).toEqual([record]);
    expect(await two().plan('p-none')).toBeNull();
  });

  test('of many changes from one state a single one happens', async () => {
    const changes = await Promise.all(
      [...Array(20).keys()].map((i) =>
        stores[i % 2]!.transition('p-1', ['proposed'], { state: 'approved', approver: `person ${i}` }),
      ),
    );
    const done = changes.filter((change) => change !== null);
    expect(done).toHaveLength(1);
    expect(await one().plan('p-1')).toEqual(done[0]);
    expect(done[0]).toMatchObject({ state: 'approved', step: 1, plan: record.plan, requester: 'ann', reason: null });
  });

  test('a plan that is in another state, or unknown, is left alone', async () => {
    expect(await one().transition('p-1', ['proposed', 'applying'], { state: 'failed' })).toBeNull();
    expect(await one().transition('p-none', ['proposed'], { state: 'failed' })).toBeNull();
    expect((await one().plan('p-1'))?.state).toBe('approved');
    expect(await one().plan('p-none')).toBeNull();
  });
});

test('once is true for one of many callers', async () => {
  const answers = await Promise.all([...Array(10).keys()].map((i) => stores[i % 2]!.once('click-1', 60)));
  expect(answers.filter(Boolean)).toHaveLength(1);
});

test('small values are remembered and forgotten', async () => {
  await one().remember('thread', '17.1', 60);
  expect(await two().recall('thread')).toBe('17.1');
  await two().forget('thread');
  expect(await one().recall('thread')).toBeNull();
});

describe('tokens', () => {
  const bucket = { holds: 5, everyMs: 60_000 };

  test('of many takers at once only as many get one as there are, and the others are told how long to wait', async () => {
    const waits = await Promise.all([...Array(20).keys()].map((i) => stores[i % 2]!.takeToken('person-1', bucket)));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(5);
    expect(waits.filter((wait) => wait > 0).every((wait) => wait > 50_000 && wait <= 60_000)).toBe(true);
  });

  test('after a silence there are no more than the bucket holds', async () => {
    // Some of the time after which the server forgets a bucket, which then is full as well.
    const quick = { holds: 5, everyMs: 400 };
    await one().takeToken('person-4', quick);
    const begun = Date.now();
    await until('the time of three tokens', 5, async () => (Date.now() > begun + 1200 ? true : null));
    const waits = await Promise.all([...Array(20).keys()].map(() => one().takeToken('person-4', quick)));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(5);
  });

  test('each key has its own', async () => {
    expect(await one().takeToken('person-2', bucket)).toBe(0);
  });

  test('a used token comes back after its time, and no more than the bucket holds', async () => {
    const quick = { holds: 2, everyMs: 100 };
    const begun = Date.now();
    let taken = 0;
    await until('six tokens', 10, async () => {
      if ((await one().takeToken('person-3', quick)) === 0) taken += 1;
      return taken === 6 ? true : null;
    });
    // Two were there; each of the other four takes its time. The server counts in whole milliseconds.
    expect(Date.now() - begun).toBeGreaterThanOrEqual(395);
  });
});

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

test('a store that is closed twice keeps no process', async () => {
  const once = createRunStore({ address: redis.address, onError: () => undefined });
  await once.recall('x');
  await once.close();
  const before = timers();
  await once.close();
  expect(timers()).toBeLessThanOrEqual(before);
});
