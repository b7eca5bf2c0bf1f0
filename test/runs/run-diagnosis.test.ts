import { describe, expect, test } from '@jest/globals';
import { endOf, withPlans } from '../../src/model/run-life.ts';
import { approvePlan } from '../../src/plans/decide-plan.ts';
import { applyPlan } from '../../src/plans/apply-fix.ts';
import { cancelRun } from '../../src/runs/cancel-run.ts';
import { makePlans } from '../../src/plans/make-plans.ts';
import { runDiagnosis } from '../../src/runs/run-diagnosis.ts';
import { digestOf } from '../../src/fixes/digest.ts';
import { unavailable } from '../../src/model/evidence.ts';
import type { ClusterReader } from '../../src/model/ports.ts';
import { defineClusterProbe } from '../../src/model/probe.ts';
import { defineRule, pass } from '../../src/model/rule.ts';
import { target } from '../support/house.ts';
import { lockedDoor } from '../support/sample-plan.ts';
import { person } from '../support/signing.ts';
import {
  appendAllButVerdicts,
  deps,
  hangs,
  plans,
  reading,
  request,
  silentAtFirst,
  store,
  takeUp,
  types,
  verdictOf,
  withItsPlans,
  world,
} from './one-run.ts';

test('a run is told from its start to its plans, and the verdict names the plan', async () => {
  const verdict = await verdictOf();
  const [record] = await plans();
  expect(verdict.roots).toMatchObject([{ rule: 'door-unpainted', fix: { id: 'paint-door', plan: record?.plan.id } }]);
  const kinds = await types();
  expect(kinds[0]).toBe('started');
  expect(kinds.filter((type) => type !== 'step-settled')).toEqual(['started', 'finding', 'verdict', 'plan']);
  expect(record).toMatchObject({
    state: 'proposed',
    requester: 'ann',
    plan: {
      finding: 'f1',
      subject: { kind: 'Node', name: 'door' },
      rule: 'door-unpainted',
      run: request.run,
      nodes: [{ name: 'house', address: '10.0.0.9' }],
      createdAt: '2026-01-01T00:00:00.000Z',
      expiresAt: '2026-01-01T01:00:00.000Z',
    },
  });
  expect(record?.plan.digest).toBe(digestOf(record!.plan));
  const events = await store.events(request.run);
  const told = events.flatMap((event) => (event.type === 'verdict' ? [event.verdict] : []));
  expect(told.map((one) => withPlans(one, events))).toEqual([verdict]);
  expect(world.closed).toBe(1);
});

test('a plan says which flows there were to watch before anybody approves it', async () => {
  const fixes = deps.fixes.map((fix) => ({ ...fix, controls: [...fix.controls, lockedDoor] }));
  world.denied = null;
  await verdictOf(withItsPlans({ ...deps, fixes }));
  const [record] = await plans();
  expect(record?.plan.controls).toMatchObject([
    { fact: 'reachability', notWatched: null },
    { fact: 'denied-flow', notWatched: 'no policy-denied flow was found to watch' },
  ]);
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
  expect(await runDiagnosis(deps, request)).toEqual({ end: 'earlier' });
  expect(await store.events(request.run)).toEqual(before);
  expect(world.looks).toBe(1);
});

test('a run that was cut off before its plans gets them, without looking again', async () => {
  await runDiagnosis(
    withItsPlans({
      ...deps,
      fixes: deps.fixes.map((fix) => ({ ...fix, plan: () => new Promise(() => undefined) })),
      store: {
        ...store,
        append: async (run, event) => {
          const count = await store.append(run, event);
          if (event.type === 'verdict') throw new Error('cut off');
          return count;
        },
      },
      warn: () => undefined,
    }),
    request,
  ).catch(() => null);
  const events = (await store.events(request.run)).filter(({ type }) => type !== 'failed');
  takeUp({ ...request, run: `${request.run}-again` });
  for (const event of events) {
    await store.append(
      request.run,
      event.type === 'verdict' ? { ...event, verdict: { ...event.verdict, run: request.run } } : event,
    );
  }
  expect(await verdictOf()).toMatchObject({ roots: [{ fix: { plan: expect.stringMatching(/^p-/) } }] });
  expect((await types()).filter((type) => type === 'verdict')).toHaveLength(1);
  expect(world.looks).toBe(1);
});

test('a fix that refuses becomes advice with its reason', async () => {
  world.noPlan = 'the paint is wet';
  const verdict = await verdictOf();
  expect(verdict.roots).toMatchObject([
    {
      fix: null,
      detail: expect.stringContaining('No button: the paint is wet.'),
      advice: { commands: ['paint it by hand'] },
    },
  ]);
  expect(await plans()).toEqual([]);
});

test('a plan that waits and says the same is told again, and another one supersedes it', async () => {
  const verdict = await verdictOf();
  const access = await deps.open('default');
  const offerAgain = async (): Promise<readonly string[]> => {
    const untold = { ...store, events: async () => [] };
    await makePlans({ ...deps, store: untold }, access, verdict, { target, requester: 'ann' });
    return (await plans()).map(({ plan, state }) => `${plan.diff} ${state}`);
  };
  const bare = {
    ...verdict,
    roots: verdict.roots.map((root) => ({
      ...root,
      fix: { id: 'paint-door', plan: null, input: root.fix?.input ?? {} },
    })),
  };
  Object.assign(verdict, bare);
  expect(await offerAgain()).toEqual(['+red proposed']);
  expect(await plans()).toMatchObject([{ plan: { cluster: 'default', identity: 'street-1' } }]);
  expect((await types()).filter((type) => type === 'plan')).toHaveLength(2);
  world.color = 'green';
  world.now = 5;
  expect((await offerAgain()).toSorted()).toEqual(['+green proposed', '+red superseded']);
  const events = await store.events(request.run);
  const newest = (await plans()).find(({ state }) => state === 'proposed')?.plan.id;
  expect(withPlans(verdict, events).roots[0]?.fix?.plan).toBe(newest);
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
  const slow = {
    ...door!,
    read: async (look: { readonly signal: AbortSignal }) => {
      looking.resolve();
      await new Promise((done) => look.signal.addEventListener('abort', done));
      return {};
    },
  };
  const running = runDiagnosis({ ...deps, probes: [slow, ...deps.probes.slice(1)] as typeof deps.probes }, request);
  await looking.promise;
  expect(await cancelRun(deps, request.run, 'bob')).toBe('cancelled');
  expect(await running).toEqual({ end: 'cancelled', by: 'bob' });
  expect((await types()).at(-1)).toBe('cancelled');
  expect(await cancelRun(deps, request.run, 'bob')).toBe('ended');
  expect(await runDiagnosis(deps, request)).toEqual({ end: 'earlier' });
});

test('a run that has not started cannot be cancelled', async () => {
  expect(await cancelRun(deps, 'r-nobody', 'bob')).toBe('unknown');
  expect(await store.events('r-nobody')).toEqual([]);
});

describe('told to stop while a probe hangs', () => {
  test('by the person who asked: it is cancelled, and does not wait for the probe', async () => {
    const { looking, own } = hangs();
    const ending = new AbortController();
    const running = runDiagnosis(own, request, { signal: ending.signal, by: 'ann' });
    await looking;
    ending.abort(new Error('SIGINT'));
    expect(await running).toEqual({ end: 'cancelled', by: 'ann' });
    expect((await store.events(request.run)).at(-1)).toMatchObject({ type: 'cancelled', by: 'ann' });
  });

  test('with its process: nothing is told, and another process takes it up', async () => {
    const { looking, own } = hangs();
    const ending = new AbortController();
    const running = runDiagnosis(own, request, { signal: ending.signal, by: null });
    await looking;
    ending.abort(new Error('SIGTERM'));
    await expect(running).rejects.toThrow('SIGTERM');
    expect((await types()).filter((type) => type === 'cancelled' || type === 'failed')).toEqual([]);
    expect(await verdictOf()).toMatchObject({ verdict: 'fault' });
  });
});

test('a verdict that comes after a cancellation is not told', async () => {
  await runDiagnosis(deps, request);
  const events = await store.events(request.run);
  const cancelled = { at: '2026-01-01T00:00:00.000Z', type: 'cancelled', by: 'bob' } as const;
  expect(endOf([...events.filter(({ type }) => type !== 'verdict'), cancelled, ...events])?.type).toBe('cancelled');
  expect(endOf([...events, cancelled])?.type).toBe('verdict');
});

test('an API server that takes long is asked beside the diagnosis, and not before it', async () => {
  const looked = Promise.withResolvers<void>();
  const { cluster } = await deps.open('default');
  const read: ClusterReader['read'] = (asked) => looked.promise.then(() => cluster.read(asked));
  const onEvent = ({ type }: { readonly type: string }) => type === 'step-settled' && looked.resolve();
  expect(await runDiagnosis({ ...deps, open: reading(read), onEvent }, request)).toMatchObject({ end: 'verdict' });
});

describe('a target that is not there', () => {
  test.each([
    ['at once', 0],
    ['after the diagnosis', 1],
  ])('fails the run when that becomes known %s', async (_when, silent) => {
    Object.assign(world, { fog: true });
    const end = await runDiagnosis(silentAtFirst(silent), request);
    expect(end).toEqual({ end: 'failed', code: 'unknown-namespace', message: 'there is no namespace default' });
    expect((await store.events(request.run)).at(-1)).toMatchObject({ type: 'failed', code: 'unknown-namespace' });
    expect(await types()).not.toContain('verdict');
  });

  test('fails the run when the answer comes while the diagnosis runs', async () => {
    const looked = Promise.withResolvers<void>();
    const late = silentAtFirst(0);
    const open = async (name: string) => {
      const access = await late.open(name);
      const read: ClusterReader['read'] = async (reference) => {
        await looked.promise;
        return access.cluster.read(reference);
      };
      return { ...access, cluster: { ...access.cluster, read } };
    };
    const onEvent = ({ type }: { readonly type: string }) => type === 'step-settled' && looked.resolve();
    const end = await runDiagnosis({ ...late, open, onEvent }, request);
    expect(end).toEqual({ end: 'failed', code: 'unknown-namespace', message: 'there is no namespace default' });
    expect(await types()).not.toContain('verdict');
  });

  test("fails the run when only the pod's own read says so", async () => {
    const gone = defineClusterProbe({
      id: 'pod',
      description: '',
      kind: 'passive',
      place: 'cluster',
      essential: true,
      commands: [],
      needs: [],
      provides: ['pod'],
      read: async () => ({ pod: unavailable('api-not-found', 'no such pod') }),
    });
    const rule = defineRule({
      id: 'needs-pod',
      description: '',
      step: 'target',
      requires: ['pod'],
      messages: {},
      judge: () => pass('it is there'),
    });
    const end = await runDiagnosis({ ...deps, probes: [...deps.probes, gone], rules: [rule] }, request);
    expect(end).toEqual({ end: 'failed', code: 'unknown-pod', message: 'there is no pod mypod in namespace default' });
  });
});

test('a store that cannot be reached is left to the next delivery of the job', async () => {
  await expect(runDiagnosis({ ...deps, store: { ...store, append: appendAllButVerdicts } }, request)).rejects.toThrow(
    'connection refused',
  );
  expect(await types()).not.toContain('failed');
  expect(await verdictOf()).toMatchObject({ verdict: 'fault' });
});

test('a run of an unknown cluster fails and says so', async () => {
  expect(
    await runDiagnosis(
      { ...deps, open: () => Promise.reject(new Error('no such cluster')), warn: () => undefined },
      request,
    ),
  ).toMatchObject({ end: 'failed', code: 'internal' });
  expect((await store.events(request.run)).at(-1)).toMatchObject({ type: 'failed', message: 'no such cluster' });
});
