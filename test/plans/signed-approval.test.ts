import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createApprovalLedger } from '../../src/adapters/approval-ledger.ts';
import { digestOf } from '../../src/fixes/digest.ts';
import { applyPlan } from '../../src/plans/apply-fix.ts';
import { fixPayload } from '../../src/model/job-catalogue.ts';
import { rejectPlan } from '../../src/plans/decide-plan.ts';
import { retirePlans } from '../../src/plans/retire-plans.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { signApproval } from '../../src/plans/signed-plan.ts';
import { jobHandlers } from '../../src/jobs/worker.ts';
import type { SignedApproval } from '../../src/model/approval.ts';
import type { FixPlan } from '../../src/model/fix.ts';
import { target } from '../support/house.ts';
import { openDoors, samplePlan } from '../support/sample-plan.ts';
import { otherSeals, person, proposed, testSeals } from '../support/signing.ts';
import { noQuestions } from '../support/no-questions.ts';
import {
  attacker,
  store,
  folder,
  world,
  deps,
  plan,
  signal,
  propose,
  plant,
  stored,
  approve,
  expectRefused,
  auditedOf,
  takeUp,
} from './attacked-store.ts';

/** It is refused at once: thread and audit never say that it is being applied. */
async function expectForged(why: RegExp): Promise<void> {
  await expectRefused(why);
  const told = (await store.events(plan.run)).flatMap((event) => (event.type === 'plan' ? [event.record.state] : []));
  expect(told).not.toContain('applying');
  expect((await auditedOf()).map(({ what }) => what)).not.toContain('plan applying');
}

describe('an apply', () => {
  test('of a plan that was written as approved is refused', async () => {
    await plant({ state: 'approved', approver: 'bob' });
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'refused' });
    await expectForged(/nobody approved it/);
  });

  test('of a whole plan that this program never made is refused', async () => {
    takeUp(samplePlan({ id: 'p-planted', run: plan.run, preconditions: [], controls: [] }));
    const approval = signApproval(otherSeals, 'apply', plan, person('bob'), deps.clock.now());
    await store.savePlan({ ...proposed(plan, 'ann', otherSeals), state: 'approved', approver: 'bob', approval });
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'refused' });
    await expectForged(/signed with another key .* the same APPROVAL_KEY_FILE/);
  });

  test.each<[string, Partial<FixPlan>]>([
    ['steps', { steps: [] }],
    ['preconditions', { preconditions: [{ id: 'x', description: 'x', value: 'y' }] }],
    ['controls', { controls: [] }],
    ['expiry', { expiresAt: '2036-01-01T00:00:00.000Z' }],
    ['blast radius', { blastRadius: 'nothing' }],
    ['input', { input: { profile: 'kns.other' } }],
    ['cluster', { cluster: 'other' }],
    ['target', { target: { ...target, pod: 'other' } }],
    ['finding', { finding: 'f2' }],
    ['subject', { subject: { kind: 'Node', name: 'window' } }],
    ['word on what is not watched', { controls: openDoors.map((control) => ({ ...control, notWatched: 'nothing' })) }],
    ['input, deep inside', { input: { ...samplePlan().input, list: [{ verb: '*' }] } }],
  ])('of a plan whose %s was changed after approval, the digest made anew, is refused', async (_, change) => {
    await approve();
    const changed = { ...plan, ...change };
    await plant({ plan: { ...changed, digest: digestOf(changed) } });
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'refused' });
    await expectForged(/the plan was changed after it was signed/);
  });

  test('of a plan that was changed between card and click is not approved, and the refusal is audited', async () => {
    const changed = { ...plan, title: 'Paint the whole town' };
    await plant({ plan: { ...changed, digest: digestOf(changed) } });
    expect(await approve()).toMatchObject({
      decided: 'refused',
      why: expect.stringContaining('changed after it was signed'),
    });
    expect(await stored()).toMatchObject({ state: 'proposed', approval: null });
    await expectForged(/changed after it was signed/);
  });

  test('of a plan whose digest is not its own is not approved', async () => {
    takeUp(await propose({ digest: '0'.repeat(64) }));
    expect(await approve()).toMatchObject({ decided: 'refused', why: 'the plan is not what its digest says' });
    await expectForged(/not what its digest says/);
  });

  test('with the approval of another plan is refused', async () => {
    const other = plan;
    await approve();
    const { approval } = await stored();
    takeUp(await propose());
    await plant({ state: 'approved', approver: 'bob', approval });
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'refused' });
    await expectForged(new RegExp(`the approval is for plan ${other.id}`));
  });

  test.each<[string, (signed: SignedApproval) => SignedApproval, RegExp]>([
    [
      'of another person',
      ({ approval, seal }) => ({ approval: { ...approval, approver: 'eve' }, seal }),
      /the approval was changed/,
    ],
    [
      'for another action',
      ({ approval, seal }) => ({ approval: { ...approval, action: 'rollback' }, seal }),
      /the approval was changed/,
    ],
    [
      'with another id',
      ({ approval, seal }) => ({ approval: { ...approval, id: 'a-new' }, seal }),
      /the approval was changed/,
    ],
    ['without its seal', ({ approval }) => ({ approval, seal: '' }), /the approval is not signed/],
    [
      'with the seal of something else',
      ({ approval }) => ({ approval, seal: testSeals.seal('plan', approval) }),
      /the approval was changed/,
    ],
  ])('with an approval %s is refused', async (_, change, why) => {
    await approve();
    const { approval } = await stored();
    await plant({ approval: change(approval as SignedApproval) });
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'refused' });
    await expectForged(why);
  });

  test('in the name of somebody else is refused', async () => {
    await approve();
    await plant({ approver: 'eve' });
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'refused' });
    await expectForged(/bob approved it, not eve/);
  });

  test('with an approval to roll back is refused', async () => {
    await plant({
      state: 'approved',
      approver: 'bob',
      approval: signApproval(testSeals, 'rollback', plan, person('bob'), deps.clock.now()),
    });
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'refused' });
    await expectForged(/the approval is to rollback, not to apply/);
  });

  test('with an approval that was used is refused, also by another process', async () => {
    await approve();
    const before = await stored();
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'verified' });
    await plant(before);
    world.applied = 0;
    const again = { ...deps, ledger: createApprovalLedger(folder) };
    expect(await applyPlan(again, plan.id)).toMatchObject({ state: 'refused' });
    await expectRefused(/this approval was used before/);
  });

  test('whose use cannot be noted is refused', async () => {
    await approve();
    expect(
      await applyPlan({ ...deps, ledger: createApprovalLedger(join(folder, 'no-folder')) }, plan.id),
    ).toMatchObject({ state: 'refused' });
    await expectRefused(/could not be marked as used/);
  });

  test('of a job for a plan that nobody approved is told, and the plan still waits', async () => {
    await jobHandlers({ ...deps, followUpMinutes: [], ...noQuestions, notify: async () => undefined }).fix.run(
      { plan: plan.id, action: 'apply', by: 'alice' },
      signal,
    );
    expect(await stored()).toMatchObject({ state: 'proposed' });
    await expectRefused(/a job asked to apply this plan, but nobody approved it/);
  });

  test('with an approval of the future is refused', async () => {
    world.now = 600_000;
    await approve();
    world.now = 0;
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'refused' });
    await expectForged(/compare the clocks/);
  });
});

describe('a rejection', () => {
  test('of a plan that was changed is refused and told, and the plan stays', async () => {
    const changed = { ...plan, title: 'Paint the whole town' };
    await plant({ plan: { ...changed, digest: digestOf(changed) } });
    expect(await rejectPlan(deps, plan.id, 'bob')).toMatchObject({
      decided: 'refused',
      why: expect.stringContaining('changed after it was signed'),
    });
    expect(await stored()).toMatchObject({ state: 'proposed' });
    await expectRefused(/changed after it was signed/);
  });

  test('by a later diagnosis leaves out a plan that was changed, and one of this program is superseded', async () => {
    const verdict = { ruledOut: [{ rule: plan.rule, by: 'the door is painted' }], notFound: [] } as unknown as Verdict;
    const [changed, genuine] = [plan, await propose()];
    await plant({ plan: { ...changed, title: 'Paint the whole town' } }, changed.id);
    await retirePlans(deps, target, verdict);
    expect(await stored(changed.id)).toMatchObject({ state: 'proposed' });
    expect(await stored(genuine.id)).toMatchObject({ state: 'superseded' });
    expect(await auditedOf(changed.id)).toEqual([]);
  });
});

test('8 approvals by two people at once are applied once, by two workers', async () => {
  const decisions = await Promise.all([...Array(8).keys()].map((i) => approve(person(i % 2 === 0 ? 'bob' : 'eve'))));
  expect(decisions.filter(({ decided }) => decided === 'yes')).toHaveLength(1);
  await Promise.all([applyPlan(deps, plan.id), applyPlan(deps, plan.id)]);
  expect(world.applied).toBe(1);
});

test('what is no plan stops nobody, and a plan of a version that signed nothing is refused', async () => {
  await attacker.zadd('calico-chatops:plans', Date.now(), 'p-garbage');
  await attacker.hset('calico-chatops:plan:p-garbage', 'plan', '{"id":1}', 'state', '"approved"');
  await attacker.zadd('calico-chatops:plans', Date.now(), 'p-text');
  await attacker.hset('calico-chatops:plan:p-text', 'plan', 'no JSON');
  expect((await store.plans()).map((record) => record.plan.id)).toContain(plan.id);
  expect(await store.plan('p-garbage')).toBeNull();
  await attacker.hdel(`calico-chatops:plan:${plan.id}`, 'seal', 'approval', 'appliedSeal');
  expect(await approve()).toMatchObject({ decided: 'refused', why: 'the plan is not signed' });
});

test('a plan under the id of another one is unknown', async () => {
  const other = await propose();
  await plant({ plan: other });
  expect(await store.plan(plan.id)).toBeNull();
});

test.each([
  {},
  { plan: 'p', action: 'destroy' },
  { plan: 'p', action: 'rollback', approval: { approval: { version: 2 }, seal: 'x' } },
])('a job of another form is not taken: %j', (payload) => {
  expect(fixPayload.safeParse(payload).success).toBe(false);
});
