import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createRunStore } from '../../src/adapters/run-store.ts';
import { resumePlans } from '../../src/plans/resume-plans.ts';
import { abandonPlan, applyPlan, rollBackPlan, type FixDeps } from '../../src/plans/apply-fix.ts';
import { approvePlan, approveRollback, rejectPlan } from '../../src/plans/decide-plan.ts';
import type { AuditLog } from '../../src/model/audit.ts';
import type { FixPlan } from '../../src/model/fix.ts';
import type { Clock } from '../../src/model/ports.ts';
import type { JobQueues, QueuedJob } from '../../src/model/jobs.ts';
import type { RunEvent, RunStore } from '../../src/model/runs.ts';
import { house, houseDeps, target, type House } from '../support/house.ts';
import { startTestRedis } from '../support/redis.ts';
import { auditOn, memoryHeads, memoryLedger, person, proposed } from '../support/signing.ts';
import { lockedDoor, openDoors, samplePlan } from '../support/sample-plan.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let stores: readonly RunStore[];
let audits: readonly AuditLog[];
let world: House;
/** Two workers: connections of their own, one world. */
let deps: FixDeps;
let otherDeps: FixDeps;
let number = 0;
const ledger = memoryLedger();
let plan: FixPlan;

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
  plan = await propose();
});

async function propose(change: Partial<FixPlan> = {}): Promise<FixPlan> {
  const run = `r-${number}`;
  const made = samplePlan({ id: `p-${number}`, run, ...change });
  await deps.store.savePlan(proposed(made));
  if ((await deps.store.events(run)).length === 0)
    await deps.store.append(run, {
      at: made.createdAt,
      type: 'started',
      target,
      requester: 'ann',
      origin: { kind: 'cli', channel: null, thread: null, joins: null },
    });
  return made;
}
const told = async () =>
  (await deps.store.events(plan.run)).flatMap((event: RunEvent) => (event.type === 'plan' ? [event] : []));
const states = async () => (await told()).map(({ record }) => record.state);
const approve = () => approvePlan(deps, plan.id, person('bob'));
async function rollBack(by: FixDeps, name: string) {
  const decision = await approveRollback(by, plan.id, person(name));
  if (decision.decided !== 'yes') throw new Error(decision.decided);
  return rollBackPlan(by, plan.id, decision.approval);
}

describe('an approved plan', () => {
  test('is applied, verified by looking again, and every step is told and audited', async () => {
    const before = (await deps.audit.trail()).length;
    expect(await approve()).toMatchObject({ decided: 'yes', record: { state: 'approved', approver: 'bob' } });
    const done = await applyPlan(deps, plan.id);
    expect(done).toMatchObject({
      state: 'verified',
      approver: 'bob',
      requester: 'ann',
      applied: { color: 'red' },
      reason: 'Verified: the door is painted; the asked flow does not work yet: another cause still stops it.',
    });
    expect(await deps.store.plan(plan.id)).toEqual(done);
    expect(await states()).toEqual(['approved', 'applying', 'applying', 'verified']);
    const trail = await deps.audit.trail();
    expect((await deps.audit.verify()).broken).toBeNull();
    expect(
      trail
        .slice(before)
        .map(({ record }) => [record['what'], record['by'], record['digest'], record['requester'], record['approver']]),
    ).toEqual([
      ['plan approved', 'bob', plan.digest, 'ann', 'bob'],
      ['plan applying', 'calico-chatops', plan.digest, 'ann', 'bob'],
      ['plan applying', 'calico-chatops', plan.digest, 'ann', 'bob'],
      ['plan verified', 'calico-chatops', plan.digest, 'ann', 'bob'],
    ]);
    expect(trail[before + 2]?.record['commands']).toEqual([
      { command: 'paint door', node: 'house', at: '2026-01-01T00:00:00.000Z', result: 'red' },
    ]);
    expect(world).toMatchObject({ applied: 1, rolledBack: 0, closed: 1 });
  });

  test('says when the asked flow works', async () => {
    world.whileApplying = async () => void world.ways.set('flow', true);
    await approve();
    expect((await applyPlan(deps, plan.id)).reason).toContain('the asked flow works');
  });

  test('waits for what recovers by itself within its time', async () => {
    Object.assign(world, { dry: true, paintsItselfAfter: 3 });
    await approve();
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'verified' });
    expect(world.looks).toBe(4);
    expect(world.now).toBe(6000);
  });

  test('is rolled back when its finding still fails at the end', async () => {
    world.dry = true;
    await approve();
    expect(await applyPlan(deps, plan.id)).toMatchObject({
      state: 'rolled-back',
      reason: 'Not verified within 10 s: door-unpainted still fails for Node door. Rolled back: the paint was stripped',
    });
    expect(world).toMatchObject({ rolledBack: 1, closed: 1 });
    expect(world.now).toBeLessThanOrEqual(10_000);
  });

  test.each<[string, Partial<House>, string]>([
    ['cannot be read', { fog: true }, 'fog'],
    ['is not there to be judged', { gone: true }, 'the door is being replaced'],
  ])('is failed and stays applied when its finding %s until the time is over', async (_, change, why) => {
    world.whileApplying = async () => void Object.assign(world, change);
    await approve();
    expect(await applyPlan(deps, plan.id)).toMatchObject({
      state: 'failed',
      applied: { color: 'red' },
      reason: expect.stringMatching(
        new RegExp(`^Not verified within 10 s: .*${why}.*The fix is applied: diagnose again, or roll it back\\.$`),
      ),
    });
    expect(world).toMatchObject({ rolledBack: 0, now: 10_000 });
    Object.assign(world, { fog: false, gone: false });
    expect(await rollBack(deps, 'bob')).toMatchObject({ state: 'rolled-back' });
  });

  test('waits for a finding that cannot be judged yet, and is verified once it passes', async () => {
    world.whileApplying = async () => void (world.gone = true);
    const clock: Clock = {
      now: () => deps.clock.now(),
      async sleep(milliseconds) {
        await deps.clock.sleep(milliseconds);
        world.gone = world.now < 4000;
      },
    };
    await approve();
    expect(await applyPlan({ ...deps, clock }, plan.id)).toMatchObject({ state: 'verified' });
    expect(world.now).toBe(4000);
  });

  test('is rolled back when its finding cannot be judged and a way that was open is closed by it', async () => {
    world.whileApplying = async () => {
      world.gone = true;
      world.ways.set('own-node', false);
    };
    await approve();
    expect(await applyPlan(deps, plan.id)).toMatchObject({
      state: 'rolled-back',
      reason: expect.stringMatching(
        /^Not verified within 10 s: .*being replaced; own-node source .* now none\. Rolled back/,
      ),
    });
  });

  test('is rolled back when a way that was open is closed by it, though it is verified', async () => {
    world.whileApplying = async () => void world.ways.set('own-node', false);
    await approve();
    expect(await applyPlan(deps, plan.id)).toMatchObject({
      state: 'rolled-back',
      reason: 'own-node source → 10.0.0.1 (8080/tcp) got a reply before, now none. Rolled back: the paint was stripped',
    });
  });

  describe('that watches a flow which a policy denies', () => {
    const words = 'town/visitor → town/house (icmp, denied by policy lock)';
    beforeEach(async () => {
      plan = await propose({
        controls: [...openDoors, lockedDoor],
        input: { ...samplePlan().input, namespace: 'town' },
      });
      await approve();
    });

    test('says what is watched when it is applied, and that it stays denied when it is verified', async () => {
      expect(await applyPlan(deps, plan.id)).toMatchObject({
        state: 'verified',
        reason: expect.stringMatching(/ Watched: .* stays denied\.$/),
      });
      const notes = (await deps.audit.trail())
        .filter(({ record }) => record['plan'] === plan.id)
        .map(({ record }) => String(record['note']));
      expect(notes.filter((note) => note.includes(words))).toEqual([
        expect.stringMatching(/^Applied\. .* Watched: /),
        expect.stringMatching(/^Verified: .*stays denied/),
      ]);
      expect((await told()).at(-1)?.note).toContain(words);
    });
    test('tries the same again afterwards, in the namespace of the plan', async () => {
      await applyPlan(deps, plan.id);
      expect(world.watches).toEqual([
        { namespace: 'town', again: null },
        {
          namespace: 'town',
          again: { 'denied-flow': [expect.objectContaining({ refusedBy: 'lock', answer: 'none' })] },
        },
      ]);
    });
    test('is rolled back when it opens that flow, though it is verified', async () => {
      world.whileApplying = async () => void (world.denied = 'reply');
      expect(await applyPlan(deps, plan.id)).toMatchObject({
        state: 'rolled-back',
        reason: `${words} was denied before, and is answered now. Rolled back: the paint was stripped`,
      });
      expect(world).toMatchObject({ rolledBack: 1, painted: false });
    });
    test('ends as failed, and says so, when it opens that flow and cannot be rolled back', async () => {
      plan = await propose({
        id: `${plan.id}-once`,
        controls: [lockedDoor],
        rollback: { kind: 'none', description: '' },
      });
      await approve();
      world.whileApplying = async () => void (world.denied = 'reply');
      expect(await applyPlan(deps, plan.id)).toMatchObject({
        state: 'failed',
        reason: `${words} was denied before, and is answered now. It cannot be rolled back.`,
      });
    });
    test('says that there is none to watch', async () => {
      world.denied = null;
      expect(await applyPlan(deps, plan.id)).toMatchObject({
        state: 'verified',
        reason: expect.stringMatching(/Watched: no policy-denied flow was found to watch\.$/),
      });
    });
    test('says that it was not checked again, and is verified', async () => {
      world.whileApplying = async () => void (world.denied = 'error');
      expect(await applyPlan(deps, plan.id)).toMatchObject({
        state: 'verified',
        reason: expect.stringContaining(`${words} was not checked again`),
      });
    });
    test('says both when it is not verified and that flow is open', async () => {
      world.dry = true;
      world.whileApplying = async () => void (world.denied = 'reply');
      expect(await applyPlan(deps, plan.id)).toMatchObject({
        state: 'rolled-back',
        reason: expect.stringMatching(/^Not verified within 10 s: .*; town\/visitor .* is answered now\. Rolled back/),
      });
    });
  });

  test('that cannot be rolled back ends as failed', async () => {
    world.dry = true;
    plan = await propose({ rollback: { kind: 'none', description: '' } });
    await approve();
    expect(await applyPlan(deps, plan.id)).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('cannot be rolled back'),
    });
    expect(world.rolledBack).toBe(0);
  });

  test.each(['refused', 'superseded', 'failed'] as const)('ends as %s when the fix says so', async (outcome) => {
    world.instead = { outcome, why: 'the door is wet' };
    await approve();
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: outcome, reason: 'the door is wet', applied: null });
    expect(world.rolledBack).toBe(0);
  });

  test('that waited too long is expired', async () => {
    await approve();
    world.now = 3_600_001;
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'expired' });
    expect(world.applied).toBe(0);
  });

  test('of a cluster that cannot be reached is refused', async () => {
    await approve();
    expect(
      await applyPlan({ ...deps, open: () => Promise.reject(new Error('no such cluster')) }, plan.id),
    ).toMatchObject({ state: 'refused', reason: expect.stringContaining('no such cluster') });
  });

  test('ends as failed, with what a rollback needs, when the worker is stopped before it can see', async () => {
    world.dry = true;
    const stop = new AbortController();
    world.whileApplying = async () => stop.abort();
    await approve();
    expect(await applyPlan(deps, plan.id, stop.signal)).toMatchObject({
      state: 'failed',
      applied: { color: 'red' },
      reason: expect.stringContaining('the worker stopped first'),
    });
    expect(world.rolledBack).toBe(0);
    expect(await rollBack(deps, 'bob')).toMatchObject({ state: 'rolled-back' });
  });

  test('ends as failed when the fix breaks', async () => {
    world.whileApplying = () => Promise.reject(new Error('the ladder fell'));
    await approve();
    expect(await applyPlan(deps, plan.id)).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('the ladder fell'),
    });
    expect(world.closed).toBe(1);
  });
});

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
  await resumePlans(deps);
  expect((await deps.store.plan(plan.id))?.state).toBe('applying');
  world.now = 311_000;
  await resumePlans(deps);
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
  await resumePlans({ ...deps, queues });
  const id = (await deps.store.plan(plan.id))?.approval?.approval.id;
  expect(added).toContainEqual({
    queue: 'fix',
    id: `${plan.id}.apply.${id}`,
    data: { plan: plan.id, action: 'apply' },
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
