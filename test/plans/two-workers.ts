/** Two workers that share one store, and a house as the cluster. */
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { createRunStore } from '../../src/adapters/run-store.ts';
import { rollBackPlan } from '../../src/plans/apply-fix.ts';
import { approvePlan, approveRollback } from '../../src/plans/decide-plan.ts';
import type { AuditLog } from '../../src/model/audit.ts';
import type { FixPlan } from '../../src/model/fix.ts';
import type { RunEvent, RunStore } from '../../src/model/runs.ts';
import { house, houseDeps, type House, type HouseDeps } from '../support/house.ts';
import { startTestRedis } from '../support/redis.ts';
import { auditOn, memoryHeads, memoryLedger, person, proposeSample } from '../support/signing.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let stores: readonly RunStore[];
let audits: readonly AuditLog[];
export let world: House;
/** Two workers: connections of their own, one world. */
export let deps: HouseDeps;
export let otherDeps: HouseDeps;
let number = 0;
const ledger = memoryLedger();
export let plan: FixPlan;

beforeAll(async () => {
  redis = await startTestRedis();
  stores = [1, 2].map(() =>
    createRunStore({
      address: redis.address,
      onError: (error) => {
        throw error;
      },
    }),
  );
  const heads = memoryHeads();
  audits = [1, 2].map(() => auditOn(redis.address, { heads }));
});
afterAll(async () => {
  await Promise.all([...stores, ...audits].map((store) => store.close()));
  await redis.stop();
});
beforeEach(async () => {
  world = house();
  deps = { ...houseDeps(world, stores[0]!, audits[0]), ledger };
  otherDeps = { ...houseDeps(world, stores[1]!, audits[1]), ledger };
  number += 1;
  takeUp(await propose());
});

/** Makes it the plan that the test is about. */
export const takeUp = (other: FixPlan) => void (plan = other);

export function propose(change: Partial<FixPlan> = {}): Promise<FixPlan> {
  return proposeSample(deps.store, { id: `p-${number}`, run: `r-${number}`, ...change });
}
export const told = async () =>
  (await deps.store.events(plan.run)).flatMap((event: RunEvent) => (event.type === 'plan' ? [event] : []));
export const states = async () => (await told()).map(({ record }) => record.state);
export const approve = () => approvePlan(deps, plan.id, person('bob'));
export async function rollBack(by: HouseDeps, name: string) {
  const decision = await approveRollback(by, plan.id, person(name));
  if (decision.decided !== 'yes') throw new Error(decision.decided);
  return rollBackPlan(by, plan.id, decision.approval);
}
