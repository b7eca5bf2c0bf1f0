import { beforeEach, describe, expect, test } from '@jest/globals';
import { applyPlan, rollBackPlan } from '../../src/plans/apply-fix.ts';
import { signApproval } from '../../src/plans/signed-plan.ts';
import { jobHandlers } from '../../src/jobs/worker.ts';
import { otherSeals, person, testSeals } from '../support/signing.ts';
import { noQuestions } from '../support/no-questions.ts';
import {
  world,
  deps,
  plan,
  signal,
  plant,
  stored,
  approve,
  lastTold,
  auditedOf,
  wish,
  expectKept,
  bobLeft,
} from './attacked-store.ts';

describe('a rollback', () => {
  beforeEach(async () => {
    await approve();
    await applyPlan(deps, plan.id);
    world.applied = 0;
  });
  test('without an approval is refused, and told', async () => {
    await jobHandlers({ ...deps, followUpMinutes: [], ...noQuestions, notify: async () => undefined }).fix.run(
      { plan: plan.id, action: 'rollback', by: 'alice' },
      signal,
    );
    await expectKept(/nobody approved it/);
  });

  test('of a fix that this version does not have is refused, and told', async () => {
    await rollBackPlan({ ...deps, fixes: [] }, plan.id, await wish());
    await expectKept(/this version of calico-chatops has no fix paint-door/);
  });

  test('that a worker took and did not begin is not told in the name of somebody whose approval is forged', async () => {
    const before = await auditedOf();
    const approval = { ...(await wish()), seal: 'forged' };
    const { fix } = jobHandlers({ ...deps, followUpMinutes: [], ...noQuestions, notify: async () => undefined });
    await fix.abandoned?.({ plan: plan.id, action: 'rollback', approval }, { id: 'forged', error: null });
    expect((await auditedOf()).slice(before.length)).toMatchObject([{ what: 'rollback approved' }]);
  });

  test('with the approval to apply is refused', async () => {
    await rollBackPlan(deps, plan.id, (await stored()).approval);
    await expectKept(/the approval is to apply, not to rollback/);
  });

  test('with a forged approval is refused', async () => {
    const forged = signApproval(otherSeals, 'rollback', plan, person('bob'), deps.clock.now());
    await rollBackPlan(deps, plan.id, { ...forged, seal: forged.seal.replace(otherSeals.keyId, testSeals.keyId) });
    await expectKept(/the approval was changed/);
  });

  test('with an old approval is refused', async () => {
    const approval = await wish();
    world.now += 16 * 60_000;
    await rollBackPlan(deps, plan.id, approval);
    await expectKept(/holds for 15 minutes/);
  });

  test('of something else than what was applied is refused', async () => {
    await plant({ applied: { color: 'red', uid: 'of-another-object' } });
    await rollBackPlan(deps, plan.id, await wish());
    await expectKept(/what was applied was changed after it was signed/);
  });

  test('of a person who may no longer decide is refused', async () => {
    const approval = await wish();
    await rollBackPlan({ ...deps, permission: bobLeft }, plan.id, approval);
    await expectKept(/bob left/);
  });

  test('that is approved is done once, and its approval is audited', async () => {
    const approval = await wish();
    expect(await rollBackPlan(deps, plan.id, approval)).toMatchObject({ state: 'rolled-back' });
    expect((await auditedOf()).at(-1)).toMatchObject({
      what: 'plan rolled-back',
      by: 'bob',
      approval: { approval: { action: 'rollback' } },
    });
    await plant({ state: 'verified' });
    await rollBackPlan(deps, plan.id, approval);
    expect(world.rolledBack).toBe(1);
    expect((await lastTold())?.note).toContain('this approval was used before');
  });
});
