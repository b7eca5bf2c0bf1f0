import { describe, expect, test } from '@jest/globals';
import { resumePlans } from '../../src/plans/resume-plans.ts';
import { abandonPlan } from '../../src/plans/abandon-plan.ts';
import { applyPlan, type FixDeps } from '../../src/plans/apply-fix.ts';
import { approvePlan, rejectPlan } from '../../src/plans/decide-plan.ts';
import type { JobQueues, QueuedJob } from '../../src/model/jobs.ts';
import { withGenuinePlans } from '../../src/bot/genuine-plans.ts';
import { runState } from '../../src/bot/render/run-state.ts';
import { tellRefusal } from '../../src/plans/plan-record.ts';
import { person, testSeals } from '../support/signing.ts';
import { world, deps, otherDeps, plan, states, approve, rollBack } from './two-workers.ts';

describe('acting once', () => {
  test('of many clicks a single one approves', async () => {
    const decisions = await Promise.all(
      ['ann', 'bob', 'eve', 'joe'].map((name, i) => approvePlan(i % 2 === 0 ? deps : otherDeps, plan.id, person(name))),
    );
    expect(decisions.filter(({ decided }) => decided === 'yes')).toHaveLength(1);
    const [yes] = decisions.flatMap((decision) => (decision.decided === 'yes' ? [decision.record.approver] : []));
    expect((await deps.store.plan(plan.id))?.approver).toBe(yes);
    expect(await states()).toEqual(['approved']);
  });

  test('of two workers one applies', async () => {
    await approve();
    await Promise.all([applyPlan(deps, plan.id), applyPlan(otherDeps, plan.id)]);
    expect(world.applied).toBe(1);
    expect(await states()).toEqual(['approved', 'applying', 'applying', 'verified']);
  });

  test('a job that is delivered again acts no second time', async () => {
    await approve();
    const first = await applyPlan(deps, plan.id);
    expect(await applyPlan(otherDeps, plan.id)).toEqual(first);
    expect(world.applied).toBe(1);
  });

  test('a plan that nobody approved is not applied', async () => {
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'proposed' });
    await rejectPlan(deps, plan.id, 'bob');
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'rejected' });
    expect(await approve()).toMatchObject({ decided: 'taken', record: { state: 'rejected' } });
    expect(world.applied).toBe(0);
  });

  test('a plan whose worker died while applying is called failed and not repeated', async () => {
    await approve();
    const { promise: entered, resolve: enter } = Promise.withResolvers<void>();
    world.whileApplying = () => {
      enter();
      return new Promise(() => undefined);
    };
    void applyPlan(deps, plan.id);
    await entered;
    await abandonPlan(otherDeps, plan.id);
    world.whileApplying = async () => undefined;
    expect(await applyPlan(otherDeps, plan.id)).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('ended part-way'),
    });
    expect(world.applied).toBe(0);
  });
});

const shown = async () => runState(plan.run, withGenuinePlans(plan.run, await deps.store.events(plan.run), testSeals));

describe('what is told late', () => {
  test('an approval that is told after its plan was applied does not hide how that ended', async () => {
    const [moved, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow: typeof otherDeps = {
      ...otherDeps,
      tell: async (run, event) => {
        moved.resolve();
        await held.promise;
        await otherDeps.tell(run, event);
      },
    };
    const late = approvePlan(slow, plan.id, person('bob'));
    await moved.promise;
    // A second click asks a worker at once: it takes the plan up before the first one has told anything.
    await applyPlan(deps, plan.id);
    held.resolve();
    expect(await late).toMatchObject({ decided: 'yes', record: { state: 'approved' } });
    expect(await states()).toEqual(['applying', 'applying', 'verified', 'approved']);
    expect((await shown())?.plans).toMatchObject([{ record: { state: 'verified', approver: 'bob' } }]);
  });

  test('a refusal that rests on what was read before does not bring the buttons back', async () => {
    const before = await deps.store.plan(plan.id);
    await approve();
    if (before) await tellRefusal(otherDeps, before, { what: 'approval', by: 'eve', why: 'no', approval: null });
    expect((await shown())?.plans).toMatchObject([{ record: { state: 'approved' } }]);
  });

  test('a plan that waits again after it was not applied shows so', async () => {
    await approve();
    await applyPlan({ ...deps, open: () => Promise.reject(new Error('no such cluster')) }, plan.id);
    expect((await shown())?.plans).toMatchObject([{ record: { state: 'proposed', approver: null } }]);
  });
});

test('a plan whose worker died while it verified is failed, and what it applied can be rolled back', async () => {
  world.dry = true;
  const { promise: applied, resolve: apply } = Promise.withResolvers<void>();
  await approve();
  const stuck: FixDeps = { ...deps, clock: { ...deps.clock, sleep: () => (apply(), new Promise(() => undefined)) } };
  void applyPlan(stuck, plan.id);
  await applied;
  await abandonPlan(otherDeps, plan.id);
  expect(await deps.store.plan(plan.id)).toMatchObject({
    state: 'failed',
    applied: { color: 'red' },
    reason: expect.stringContaining('The fix is applied'),
  });
  expect(await rollBack(otherDeps, 'bob')).toMatchObject({ state: 'rolled-back' });
});

test('a plan that has been applying for longer than it could is settled, a younger one is not', async () => {
  await approve();
  await deps.store.transition(plan.id, ['approved'], { state: 'applying', updatedAt: plan.createdAt });
  world.now = 300_000;
  await resumePlans(deps, () => true);
  expect((await deps.store.plan(plan.id))?.state).toBe('applying');
  world.now = 311_000;
  await resumePlans(deps, () => true);
  expect((await deps.store.plan(plan.id))?.state).toBe('failed');
});

test('an approved plan whose job got lost is put into the queue', async () => {
  await approve();
  const added: QueuedJob[] = [];
  const queues: JobQueues = {
    add: async (job) => void added.push(job),
    schedule: async () => undefined,
    unschedule: async () => undefined,
    counts: () => Promise.reject(new Error('not asked')),
    close: async () => undefined,
  };
  await resumePlans({ ...deps, queues }, () => true);
  const id = (await deps.store.plan(plan.id))?.approval?.approval.id;
  expect(added).toContainEqual({
    queue: 'fix',
    cluster: plan.cluster,
    id: `${plan.id}.apply.${id}`,
    data: { plan: plan.id, run: plan.run, action: 'apply' },
  });
});

test('a plan is expired when it is approved too late', async () => {
  world.now = 3_600_001;
  expect(await approve()).toMatchObject({ decided: 'taken', record: { state: 'expired', approver: null } });
  expect(await approvePlan(deps, 'p-none', person('bob'))).toEqual({ decided: 'unknown-plan' });
});

test('a verified plan is rolled back on a wish, once', async () => {
  await approve();
  await applyPlan(deps, plan.id);
  const both = await Promise.all([rollBack(deps, 'bob'), rollBack(otherDeps, 'eve')]);
  expect(world.rolledBack).toBe(1);
  expect((await deps.store.plan(plan.id))?.state).toBe('rolled-back');
  expect(both.map(({ state }) => state)).toContain('rolled-back');
});
