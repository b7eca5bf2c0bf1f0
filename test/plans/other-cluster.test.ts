/** A plan is for one cluster, also where another one has its name. */
import { describe, expect, test } from '@jest/globals';
import { applyPlan, rollBackPlan } from '../../src/plans/apply-fix.ts';
import { approveRollback } from '../../src/plans/decide-plan.ts';
import { person } from '../support/signing.ts';
import { world, deps, plan, propose, told, approve, takeUp } from './two-workers.ts';

describe('an approved plan', () => {
  test.each([
    [
      'another cluster has the name here',
      'street-2',
      'the plan was made for another cluster than the one that is called',
    ],
    ['the cluster does not say which it is', null, 'the namespace kube-system was not read'],
  ])('is not applied where %s', async (_, identity, why) => {
    takeUp(await propose({ identity: 'street-1' }));
    world.identity = identity;
    await approve();
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'refused', reason: expect.stringContaining(why) });
    expect(world).toMatchObject({ applied: 0, closed: 1 });
  });

  test('is not rolled back where another cluster has the name, or none answers, and stays verified', async () => {
    takeUp(await propose({ identity: 'street-1' }));
    await approve();
    const verified = await applyPlan(deps, plan.id);
    const decision = await approveRollback(deps, plan.id, person('bob'));
    const { approval } = decision.decided === 'yes' ? decision : { approval: null };
    world.identity = 'street-2';
    expect(await rollBackPlan(deps, plan.id, approval)).toMatchObject({
      reason: expect.stringContaining('the plan was made for another cluster'),
    });
    const away = { ...deps, open: () => Promise.reject(new Error('nobody is at home')) };
    expect(await rollBackPlan(away, plan.id, approval)).toMatchObject({
      reason: 'the cluster does not answer: nobody is at home',
    });
    expect(await deps.store.plan(plan.id)).toMatchObject({ state: 'verified', reason: verified.reason });
    expect((await told()).at(-1)).toMatchObject({ note: expect.stringContaining('Not done (rollback)') });
    expect(world).toMatchObject({ applied: 1, rolledBack: 0, closed: 2 });
    world.identity = 'street-1';
    expect(await rollBackPlan(deps, plan.id, approval)).toMatchObject({ state: 'rolled-back' });
    expect(world).toMatchObject({ rolledBack: 1, closed: 3 });
  });
});
