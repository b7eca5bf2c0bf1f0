/** What an older version left in Redis: it was recorded there, with the key of the tests. */
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createRunStore } from '../../src/adapters/run-store.ts';
import { redisOptions } from '../../src/adapters/redis-connection.ts';
import { withGenuinePlans } from '../../src/bot/genuine-plans.ts';
import { runMessages } from '../../src/bot/render/run-messages.ts';
import type { AuditLog } from '../../src/model/audit.ts';
import type { RunStore } from '../../src/model/runs.ts';
import { applyPlan, rollBackPlan } from '../../src/plans/apply-fix.ts';
import { approvePlan, approveRollback } from '../../src/plans/decide-plan.ts';
import { house, houseDeps, type House, type HouseDeps } from '../support/house.ts';
import { startTestRedis } from '../support/redis.ts';
import { auditOn, person, testSeals } from '../support/signing.ts';

type Kept =
  | { readonly text: string }
  | { readonly hash: Record<string, string> }
  | { readonly list: string[] }
  | { readonly sorted: string[] };

const recorded = new URL('../fixtures/older-state.json', import.meta.url);
let redis: Awaited<ReturnType<typeof startTestRedis>>;
let [store, audit, world, deps]: [RunStore, AuditLog, House, HouseDeps] = [] as never;
beforeEach(async () => {
  redis = await startTestRedis();
  const client = new Redis(redisOptions(redis.address));
  for (const [key, kept] of Object.entries(JSON.parse(readFileSync(recorded, 'utf8')) as Record<string, Kept>)) {
    if ('hash' in kept) await client.hset(key, kept.hash);
    else if ('text' in kept) await client.set(key, kept.text);
    else if ('list' in kept) await client.rpush(key, ...kept.list);
    else
      for (let at = 0; at < kept.sorted.length; at += 2) await client.zadd(key, kept.sorted[at + 1]!, kept.sorted[at]!);
  }
  client.disconnect();
  store = createRunStore({ address: redis.address, onError: () => undefined });
  audit = auditOn(redis.address);
  world = house();
  deps = houseDeps(world, store, audit);
});
afterEach(async () => {
  expect(await audit.verify()).toMatchObject({ broken: null, first: 1 });
  await audit.close();
  await store.close();
  await redis.stop();
});

const planOf = async (run: string) => (await store.plans()).find(({ plan }) => plan.run === run)?.plan.id ?? '';
const shown = async (run: string) =>
  JSON.stringify(runMessages(run, withGenuinePlans(run, await store.events(run), testSeals), null));

test.each([
  ['r-waiting', 'approve_fix', /"value":"p-01KDVDNA/],
  ['r-applied', 'rollback_fix', /Fixed and verified/],
  ['r-approved', 'review_fix', /Approved, queued/],
])('the thread of %s is shown as it was left', async (run, button, words) => {
  const thread = await shown(run);
  expect(thread).toContain(button);
  expect(thread).toMatch(words);
  expect(thread).not.toMatch(/was changed|was not made/);
});

test('a plan that waits is approved and applied', async () => {
  const plan = await planOf('r-waiting');
  expect(await approvePlan(deps, plan, person('bob'))).toMatchObject({ decided: 'yes' });
  expect(await applyPlan(deps, plan)).toMatchObject({ state: 'verified' });
  expect(world.applied).toBe(1);
});

test('a plan that was approved is applied, once', async () => {
  const plan = await planOf('r-approved');
  expect(await applyPlan(deps, plan)).toMatchObject({ state: 'verified', approver: 'bob' });
  await applyPlan(deps, plan);
  expect(world.applied).toBe(1);
});

test('what was applied is rolled back', async () => {
  const decision = await approveRollback(deps, await planOf('r-applied'), person('bob'));
  const approval = decision.decided === 'yes' ? decision.approval : null;
  expect(await rollBackPlan(deps, await planOf('r-applied'), approval)).toMatchObject({ state: 'rolled-back' });
});
