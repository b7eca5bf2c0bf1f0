/** A plan is for one cluster, also where another one has its name. */
import { describe, expect, test } from '@jest/globals';
import { applyPlan, rollBackPlan } from '../../src/plans/apply-fix.ts';
import { approveRollback } from '../../src/plans/decide-plan.ts';
import type { ClusterReader } from '../../src/model/ports.ts';
import { clusterIdentity } from '../../src/plans/cluster-identity.ts';
import { person } from '../support/signing.ts';
import { world, deps, plan, propose, told, approve, takeUp } from './two-workers.ts';

describe('an approved plan', () => {
  test.each([
    [
      'another cluster has the name here',
      'street-2',
      'the plan was made for another cluster than the one that is called',
    ],
    ['another cluster has the name here, and says which', 'street-2', 'has the uid street-1 there, and street-2 here'],
    ['the cluster does not say which it is', null, 'the namespace kube-system was not read'],
  ])('is not applied where %s, and is applied in its own cluster later', async (_, identity, why) => {
    takeUp(await propose({ identity: 'street-1' }));
    world.identity = identity;
    await approve();
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'proposed', reason: expect.stringContaining(why) });
    expect(world).toMatchObject({ applied: 0, closed: 1 });
    expect((await told()).at(-1)).toMatchObject({ note: expect.stringContaining(why) });
    world.identity = 'street-1';
    expect(await approve()).toMatchObject({ decided: 'yes' });
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'verified' });
  });

  test('waits for another approval where no cluster answers', async () => {
    await approve();
    const away = { ...deps, open: () => Promise.reject(new Error('no such cluster')) };
    expect(await applyPlan(away, plan.id)).toMatchObject({
      state: 'proposed',
      approval: null,
      reason: 'the cluster does not answer: no such cluster',
    });
    await approve();
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'verified' });
  });

  test('of a bot that may not read the namespaces says which right it lacks', async () => {
    const cluster = {
      read: async () => ({ ok: false, status: 403, reason: '403 Forbidden', request: 'GET', at: '' }) as const,
    } as unknown as ClusterReader;
    await expect(clusterIdentity(cluster)).rejects.toThrow(
      'kubectl auth can-i get namespaces/kube-system asks for it, and deploy/rbac/calico-chatops.yaml grants it',
    );
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
