/** One run after the other in a world of one door, each in the store of the tests' own Redis. */
import type { ClusterReader } from '../../src/model/ports.ts';
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { createRunPlans } from '../../src/plans/run-plans.ts';
import type { FixDeps } from '../../src/plans/apply-fix.ts';
import type { DiagnosisRequest } from '../../src/model/job-catalogue.ts';
import { runDiagnosis, type RunDeps } from '../../src/runs/run-diagnosis.ts';
import { StoreUnreachable, type RunStore } from '../../src/model/runs.ts';
import { house, houseDeps, target, type House, type HouseDeps } from '../support/house.ts';
import { startTestStore } from '../support/redis.ts';

let own: Awaited<ReturnType<typeof startTestStore>>;
export let store: RunStore;
export let world: House;
export let deps: HouseDeps & RunDeps;
export let request: DiagnosisRequest;
let number = 0;

beforeAll(async () => {
  own = await startTestStore();
  ({ store } = own);
});

afterAll(() => own.stop());

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

/** A run whose first probe never answers. */
export const hangs = () => {
  const looking = Promise.withResolvers<void>();
  const [door] = deps.probes;
  const slow = {
    ...door!,
    read: () => {
      looking.resolve();
      return new Promise(() => undefined);
    },
  };
  return { looking: looking.promise, own: { ...deps, probes: [slow, ...deps.probes.slice(1)] as typeof deps.probes } };
};

/** The ways into a cluster where the API server answers so. */
export const reading =
  (read: ClusterReader['read']): RunDeps['open'] =>
  async (name) => {
    const access = await deps.open(name);
    return { ...access, cluster: { ...access.cluster, read } };
  };

/** An API server that knows nothing of the target, after as many answers that do not arrive. */
export function silentAtFirst(silent: number) {
  let asked = 0;
  const read: ClusterReader['read'] = async ({ kind }) => {
    asked += 1;
    return { ok: false, status: asked <= silent ? null : 404, reason: `no ${kind}`, request: 'GET', at: '' };
  };
  return { ...deps, open: reading(read) };
}

/** A store that is gone when the verdict comes. */
export const appendAllButVerdicts: RunStore['append'] = async (run, event) => {
  if (event.type === 'verdict') throw new StoreUnreachable('connection refused');
  return store.append(run, event);
};
