/** A store in which somebody else writes, too. */
import { Redis } from 'ioredis';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import { createApprovalLedger } from '../../src/adapters/approval-ledger.ts';
import { redisOptions } from '../../src/adapters/redis-connection.ts';
import { createRunStore } from '../../src/adapters/run-store.ts';
import { type FixDeps } from '../../src/plans/apply-fix.ts';
import { approvePlan, approveRollback } from '../../src/plans/decide-plan.ts';
import type { SignedApproval } from '../../src/model/approval.ts';
import type { AuditLog } from '../../src/model/audit.ts';
import type { FixPlan, PlanRecord } from '../../src/model/fix.ts';
import type { RunStore } from '../../src/model/runs.ts';
import { house, houseDeps, type House, type HouseDeps } from '../support/house.ts';
import { startTestRedis } from '../support/redis.ts';
import { auditOn, person, proposeSample } from '../support/signing.ts';

/** What somebody can try who may write to Redis, and has not the key. */

let redis: Awaited<ReturnType<typeof startTestRedis>>;
export let attacker: Redis;
export let store: RunStore;
let audit: AuditLog;
export let folder: string;
export let world: House;
export let deps: HouseDeps;
export let plan: FixPlan;
let number = 0;
export const signal = new AbortController().signal;

beforeAll(async () => {
  redis = await startTestRedis();
  folder = await mkdtemp(join(tmpdir(), 'cc-signed-'));
  await writeFile(join(folder, 'no-folder'), '');
  attacker = new Redis(redisOptions(redis.address));
  store = createRunStore({ address: redis.address, onError: () => undefined });
  audit = auditOn(redis.address);
});
afterAll(async () => {
  attacker.disconnect();
  await store.close();
  await audit.close();
  await redis.stop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  world = house();
  deps = { ...houseDeps(world, store, audit), ledger: createApprovalLedger(folder) };
  takeUp(await propose());
});

/** Of its Redis. */
export const address = () => redis.address;

/** Makes it the plan that the test is about. */
export const takeUp = (other: FixPlan) => void (plan = other);

export function propose(change: Partial<FixPlan> = {}): Promise<FixPlan> {
  number += 1;
  return proposeSample(store, { id: `p-${number}`, run: `r-${number}`, ...change });
}

/** Writes fields of a plan's record straight into Redis. */
export async function plant(fields: Partial<PlanRecord>, id = plan.id): Promise<void> {
  for (const [name, value] of Object.entries(fields))
    await attacker.hset(`calico-chatops:plan:${id}`, name, JSON.stringify(value));
}
export const stored = async (id = plan.id) => (await store.plan(id)) as PlanRecord;
export const approve = (by = person('bob')) => approvePlan(deps, plan.id, by);
export const lastTold = async () => (await store.events(plan.run)).findLast((event) => event.type === 'plan');
export const auditedOf = async (id = plan.id) =>
  (await audit.trail()).map(({ record }) => record).filter((record) => record['plan'] === id);

/** Whatever it was, it did not act, the thread says why, and the audit chain has it. */
export async function expectRefused(why: string | RegExp): Promise<void> {
  expect(world).toMatchObject({ applied: 0 });
  expect((await lastTold())?.note).toMatch(why);
  expect(JSON.stringify((await auditedOf()).at(-1))).toMatch(why);
}

/** Bob's signed wish to roll back. */
export async function wish(): Promise<SignedApproval> {
  const decision = await approveRollback(deps, plan.id, person('bob'));
  if (decision.decided !== 'yes') throw new Error(decision.decided);
  return decision.approval;
}

/** What was applied stays. */
export async function expectKept(why: RegExp): Promise<void> {
  expect(world).toMatchObject({ rolledBack: 0, painted: true });
  expect(await stored()).toMatchObject({ state: 'verified' });
  await expectRefused(why);
}

export const bobLeft: FixDeps['permission'] = async () => ({ allowed: false, why: 'bob left', retry: false });
export const slackIsAway: FixDeps['permission'] = async () => ({
  allowed: false,
  why: 'Slack could not say',
  retry: true,
});
