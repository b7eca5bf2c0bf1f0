/** One run after the other in a world of one door, each in the store of the tests' own Redis. */
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { createRunStore } from '../../src/adapters/run-store.ts';
import { createRunPlans } from '../../src/plans/run-plans.ts';
import type { FixDeps } from '../../src/plans/apply-fix.ts';
import type { DiagnosisRequest } from '../../src/model/job-catalogue.ts';
import { runDiagnosis, type RunDeps } from '../../src/runs/run-diagnosis.ts';
import type { RunStore } from '../../src/model/runs.ts';
import { house, houseDeps, target, type House } from '../support/house.ts';
import { startTestRedis } from '../support/redis.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
export let store: RunStore;
export let world: House;
export let deps: FixDeps & RunDeps;
export let request: DiagnosisRequest;
let number = 0;

beforeAll(async () => {
  redis = await startTestRedis();
  store = createRunStore({
    address: redis.address,
    onError: (error) => {
      throw error;
    },
  });
});

afterAll(async () => {
  await store.close();
  await redis.stop();
});

beforeEach(() => {
  world = house();
  deps = withItsPlans(houseDeps(world, store));
  number += 1;
  request = {
    run: `r-${number}`,
    target,
    requester: 'ann',
    origin: { kind: 'cli', channel: null, thread: null, joins: null },
    alert: null,
  };
});

export const withItsPlans = <D extends FixDeps>(given: D) => ({ ...given, plans: createRunPlans(given) });
export const verdictOf = async (own: RunDeps = deps) => {
  const end = await runDiagnosis(own, request);
  if (end.end !== 'verdict') throw new Error(`it ended ${end.end}`);
  return end.verdict;
};
export const types = async () => (await store.events(request.run)).map(({ type }) => type);
export const plans = async () => (await store.plans()).filter(({ plan }) => plan.run === request.run);

/** Makes it the run that the test is about. */
export const takeUp = (other: DiagnosisRequest) => void (request = other);
