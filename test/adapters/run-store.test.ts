import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PlanRecord } from '../../src/model/fix.ts';
import type { RunStore } from '../../src/model/runs.ts';
import { brokenLink, createRunStore } from '../../src/adapters/run-store.ts';
import { samplePlan } from '../jobs/sample-plan.ts';
import { plantedSecrets, secretsIn } from '../support/planted-secrets.ts';
import { startTestRedis } from '../jobs/redis.ts';

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
  for (const by of ['a', 'b', 'c']) counts.push(await one().append('r-1', { at: '2026-01-01T00:00:00.000Z', type: 'cancelled', by }));
  expect(counts).toEqual([1, 2, 3]);
  expect(await two().events('r-1')).toEqual(['a', 'b', 'c'].map((by) => ({ at: '2026-01-01T00:00:00.000Z', type: 'cancelled', by })));
  expect(await two().events('r-unknown')).toEqual([]);
});

test('events, audit records and reasons are kept without secrets', async () => {
  const told = plantedSecrets.map(({ text }) => text).join('\n');
  await one().append('r-told', { at: '2026-01-01T00:00:00.000Z', type: 'failed', code: 'internal', message: told, next: told });
  await one().audit({ what: 'told', commands: [{ command: told, result: told }] });
  await one().savePlan({ plan: samplePlan({ id: 'p-told' }), state: 'failed', requester: 'ann', approver: null, reason: told, updatedAt: '2026-01-01T00:00:00.000Z', applied: null });
  const kept = JSON.stringify([await two().events('r-told'), (await two().auditTrail()).filter(({ record }) => record['what'] === 'told'), await two().plan('p-told')]);
  expect(kept).toContain('[redacted]');
  expect(secretsIn(kept)).toEqual([]);
});

describe('plans', () => {
  const record: PlanRecord = { plan: samplePlan({ id: 'p-1' }), state: 'proposed', requester: 'ann', approver: null, reason: null, updatedAt: '2026-01-01T00:00:00.000Z', applied: null };

  test('a plan comes back as it was saved', async () => {
    await one().savePlan(record);
    expect(await two().plan('p-1')).toEqual(record);
    expect((await two().plans()).filter(({ plan }) => plan.id === 'p-1')).toEqual([record]);
    expect(await two().plan('p-none')).toBeNull();
  });

  test('of many changes from one state a single one happens', async () => {
    const changes = await Promise.all([...Array(20).keys()].map((i) => stores[i % 2]!.transition('p-1', ['proposed'], { state: 'approved', approver: `person ${i}` })));
    const done = changes.filter((change) => change !== null);
    expect(done).toHaveLength(1);
    expect(await one().plan('p-1')).toEqual(done[0]);
    expect(done[0]).toMatchObject({ state: 'approved', plan: record.plan, requester: 'ann', reason: null });
  });

  test('a plan that is in another state, or unknown, is left alone', async () => {
    expect(await one().transition('p-1', ['proposed', 'applying'], { state: 'failed' })).toBeNull();
    expect(await one().transition('p-none', ['proposed'], { state: 'failed' })).toBeNull();
    expect((await one().plan('p-1'))?.state).toBe('approved');
    expect(await one().plan('p-none')).toBeNull();
  });
});

test('once is true once, whoever asks', async () => {
  const answers = await Promise.all([...Array(10).keys()].map((i) => stores[i % 2]!.once('click-1', 60)));
  expect(answers.filter(Boolean)).toHaveLength(1);
});

test('small values are remembered and forgotten', async () => {
  await one().remember('thread', '17.1', 60);
  expect(await two().recall('thread')).toBe('17.1');
  await two().forget('thread');
  expect(await one().recall('thread')).toBeNull();
});

test('records that are added at the same time form one whole audit chain, and a changed one breaks it', async () => {
  await Promise.all([...Array(30).keys()].map((i) => stores[i % 2]!.audit({ number: i })));
  const trail = await one().auditTrail();
  expect(trail.map(({ record }) => record['number']).toSorted((a, b) => Number(a) - Number(b))).toEqual([...Array(30).keys()]);
  expect(brokenLink(trail)).toBeNull();
  expect(brokenLink(trail.map((link, i) => (i === 7 ? { ...link, record: { number: 99 } } : link)))).toBe(7);
  expect(brokenLink(trail.toSpliced(4, 1))).toBe(4);
});
