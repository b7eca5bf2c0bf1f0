import { beforeEach, describe, expect, test } from '@jest/globals';
import { applyPlan } from '../../src/plans/apply-fix.ts';
import type { Clock } from '../../src/model/ports.ts';
import { type House } from '../support/house.ts';
import { lockedDoor, openDoors, samplePlan } from '../support/sample-plan.ts';
import { world, deps, plan, propose, told, states, approve, rollBack, takeUp } from './two-workers.ts';

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
      takeUp(
        await propose({
          controls: [...openDoors, lockedDoor],
          input: { ...samplePlan().input, namespace: 'town' },
        }),
      );
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
      takeUp(
        await propose({
          id: `${plan.id}-once`,
          controls: [lockedDoor],
          rollback: { kind: 'none', description: '' },
        }),
      );
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
    takeUp(await propose({ rollback: { kind: 'none', description: '' } }));
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
