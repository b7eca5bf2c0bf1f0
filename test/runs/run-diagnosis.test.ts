import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createRunStore } from '../../src/adapters/run-store.ts';
import { approvePlan } from '../../src/plans/decide-plan.ts';
import { applyPlan, type FixDeps } from '../../src/plans/apply-fix.ts';
import { cancelRun } from '../../src/runs/cancel-run.ts';
import type { DiagnosisRequest } from '../../src/jobs/catalogue.ts';
import { makePlans } from '../../src/plans/make-plans.ts';
import { runDiagnosis } from '../../src/runs/run-diagnosis.ts';
import { digestOf } from '../../src/fixes/digest.ts';
import type { RunStore } from '../../src/model/runs.ts';
import { house, houseDeps, target, type House } from '../support/house.ts';
import { person } from '../support/signing.ts';
import { startTestRedis } from '../support/redis.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let store: RunStore;
let world: House;
let deps: FixDeps;
let request: DiagnosisRequest;
let number = 0;

beforeAll(async () => {
  redis = await startTestRedis();
  store = createRunStore({ address: redis.address, onError: (error) => { throw error; } });
});
afterAll(async () => {
  await store.close();
  await redis.stop();
});
beforeEach(() => {
  world = house();
  deps = houseDeps(world, store);
  number += 1;
  request = { run: `r-${number}`, target, requester: 'ann', origin: { kind: 'cli', channel: null, thread: null, joins: null }, alert: null };
});
const types = async () => (await store.events(request.run)).map(({ type }) => type);
const plans = async () => (await store.plans()).filter(({ plan }) => plan.run === request.run);

test('a run is told from its start to its plans, and the verdict names the plan', async () => {
  const verdict = await runDiagnosis(deps, request);
  const [record] = await plans();
  expect(verdict?.roots).toMatchObject([{ rule: 'door-unpainted', fix: { id: 'paint-door', plan: record?.plan.id } }]);
  const told = await types();
  expect(told[0]).toBe('started');
  expect(told.filter((type) => type !== 'step-settled')).toEqual(['started', 'finding', 'verdict', 'plan', 'verdict']);
  expect(record).toMatchObject({ state: 'proposed', requester: 'ann', plan: { finding: 'f1', subject: { kind: 'Node', name: 'door' }, rule: 'door-unpainted', run: request.run, nodes: [{ name: 'house', address: '10.0.0.9' }], createdAt: '2026-01-01T00:00:00.000Z', expiresAt: '2026-01-01T01:00:00.000Z' } });
  expect(record?.plan.digest).toBe(digestOf(record!.plan));
  expect((await store.events(request.run)).findLast((event) => event.type === 'verdict')).toMatchObject({ verdict });
  expect(world.closed).toBe(1);
});

test('its plan can be approved and heals', async () => {
  await runDiagnosis(deps, request);
  const [record] = await plans();
  await approvePlan(deps, record!.plan.id, person('bob'));
  expect(await applyPlan(deps, record!.plan.id)).toMatchObject({ state: 'verified' });
});

test('a run that ended is not repeated', async () => {
  await runDiagnosis(deps, request);
  const before = await store.events(request.run);
  expect(await runDiagnosis(deps, request)).toBeNull();
  expect(await store.events(request.run)).toEqual(before);
  expect(world.looks).toBe(1);
});

test('a run that was cut off before its plans gets them, without looking again', async () => {
  await runDiagnosis({ ...deps, fixes: deps.fixes.map((fix) => ({ ...fix, plan: () => new Promise(() => undefined) })), store: { ...store, append: async (run, event) => {
    const count = await store.append(run, event);
    if (event.type === 'verdict') throw new Error('cut off');
    return count;
  } }, warn: () => undefined }, request).catch(() => null);
  const events = (await store.events(request.run)).filter(({ type }) => type !== 'failed');
  request = { ...request, run: `${request.run}-again` };
  for (const event of events) await store.append(request.run, event);
  expect(await runDiagnosis(deps, request)).toMatchObject({ roots: [{ fix: { plan: expect.stringMatching(/^p-/) } }] });
  expect(world.looks).toBe(1);
});

test('a fix that refuses becomes advice with its reason', async () => {
  world.noPlan = 'the paint is wet';
  const verdict = await runDiagnosis(deps, request);
  expect(verdict?.roots).toMatchObject([{ fix: null, detail: expect.stringContaining('No button: the paint is wet.'), advice: { commands: ['paint it by hand'] } }]);
  expect(await plans()).toEqual([]);
});

test('the same plan is not offered twice, and another one supersedes it', async () => {
  const verdict = (await runDiagnosis(deps, request))!;
  const access = await deps.open('default');
  const bare = { ...verdict, roots: verdict.roots.map((root) => ({ ...root, fix: { id: 'paint-door', plan: null, input: root.fix?.input ?? {} } })) };
  expect(await makePlans(deps, access, bare, { target, requester: 'ann' })).toEqual(verdict);
  world.color = 'green';
  world.now = 5;
  const next = await makePlans(deps, access, bare, { target, requester: 'ann' });
  const ids = [verdict, next].map(({ roots }) => roots[0]?.fix?.plan);
  expect(new Set(ids).size).toBe(2);
  expect(Object.fromEntries((await plans()).map(({ plan, state }) => [plan.id, state]))).toEqual({ [ids[0]!]: 'superseded', [ids[1]!]: 'proposed' });
});

test('a plan that waits is superseded by a later look that finds its cause gone', async () => {
  await runDiagnosis(deps, request);
  Object.assign(world, { painted: true });
  const later = { ...request, run: `${request.run}-later` };
  await runDiagnosis(deps, { ...later, target: { ...target, pod: 'another' } });
  expect(await plans()).toMatchObject([{ state: 'proposed' }]);
  await runDiagnosis(deps, { ...later, run: `${later.run}-still` });
  expect(await plans()).toMatchObject([{ state: 'superseded', reason: 'no longer needed: the door is painted' }]);
});

test('a cancelled run stops, and nothing is told after that', async () => {
  const looking = Promise.withResolvers<void>();
  const [door] = deps.probes;
  const slow = { ...door!, read: async (look: { readonly signal: AbortSignal }) => {
    looking.resolve();
    await new Promise((done) => look.signal.addEventListener('abort', done));
    return {};
  } };
  const running = runDiagnosis({ ...deps, probes: [slow, ...deps.probes.slice(1)] as typeof deps.probes }, request);
  await looking.promise;
  expect(await cancelRun(deps, request.run, 'bob')).toBe(true);
  expect(await running).toBeNull();
  expect((await types()).at(-1)).toBe('cancelled');
  expect(await cancelRun(deps, request.run, 'bob')).toBe(false);
  expect(await runDiagnosis(deps, request)).toBeNull();
});

test('a run of an unknown cluster fails and says so', async () => {
  expect(await runDiagnosis({ ...deps, open: () => Promise.reject(new Error('no such cluster')), warn: () => undefined }, request)).toBeNull();
  expect((await store.events(request.run)).at(-1)).toMatchObject({ type: 'failed', message: 'no such cluster' });
});
