import { beforeEach, describe, expect, test } from '@jest/globals';
import { applyPlan, rollBackPlan } from '../../src/plans/apply-fix.ts';
import { approvePlan, rejectPlan } from '../../src/plans/decide-plan.ts';
import { signApproval } from '../../src/plans/signed-plan.ts';
import { needsTwo } from '../../src/plans/two-approvers.ts';
import type { SignedApproval } from '../../src/model/approval.ts';
import type { HouseDeps } from '../support/house.ts';
import { operator, otherSeals, person } from '../support/signing.ts';
import {
  attacker,
  auditedOf,
  bobLeft,
  deps as oneIsEnough,
  expectRefused,
  lastTold,
  plan,
  plant,
  propose,
  slackIsAway,
  store,
  stored,
  takeUp,
  wish,
  world,
} from './attacked-store.ts';

const two = (): HouseDeps => ({ ...oneIsEnough, twoFrom: () => 'low' });
const approve = (name: string, deps = two()) => approvePlan(deps, plan.id, person(name));
const kept = async () => JSON.parse((await store.recall(`first-approval.${plan.id}`)) ?? 'null') as SignedApproval;
const keep = (signed: unknown) =>
  attacker.set(`calico-chatops:value:first-approval.${plan.id}`, JSON.stringify(signed));
const signedBy = (name: string, of = plan, seals = oneIsEnough.seals) =>
  signApproval(seals, 'apply', of, person(name), oneIsEnough.clock.now());

const onlyBobLeft: typeof bobLeft = (by, about) =>
  by.name === 'bob' ? bobLeft(by, about) : Promise.resolve({ allowed: true });
const asked = (from: 'low' | 'medium' | 'high' | null, risk: 'low' | 'medium' | 'high') =>
  needsTwo({ twoFrom: () => from }, { cluster: 'default', risk });

test('the first of two people approves: nothing is applied, and thread and audit chain have it', async () => {
  expect(await approve('bob')).toMatchObject({ decided: 'first' });
  expect(await stored()).toMatchObject({ state: 'proposed', approver: null, first: { approval: { approver: 'bob' } } });
  expect((await lastTold())?.note).toBe('Approved once. Another person must approve it, too.');
  expect((await auditedOf()).at(-1)).toMatchObject({
    what: 'plan approved by the first of two',
    by: 'bob',
    approval: { approval: { approver: 'bob' } },
  });
  expect(await applyPlan(two(), plan.id)).toMatchObject({ state: 'proposed' });
  expect(world.applied).toBe(0);
});

test('the second one decides, and the plan is applied once', async () => {
  await approve('bob');
  expect(await approve('carol')).toMatchObject({ decided: 'yes', record: { state: 'approved', approver: 'carol' } });
  expect((await lastTold())?.note).toBe('Approved by bob and carol.');
  expect(await applyPlan(two(), plan.id)).toMatchObject({ state: 'verified' });
  expect(world.applied).toBe(1);
  expect((await auditedOf()).at(-1)).toMatchObject({ approver: 'carol', first: { approval: { approver: 'bob' } } });
});

test('one person who clicks twice is one, and is told so', async () => {
  await approve('bob');
  expect(await approve('bob')).toMatchObject({
    decided: 'refused',
    record: { state: 'proposed' },
    why: 'you approved it already, and another person must, too',
  });
  const [first, again] = [operator('ann'), operator('bert')];
  takeUp(await propose());
  expect(await approvePlan(two(), plan.id, first)).toMatchObject({ decided: 'first' });
  expect(await approvePlan(two(), plan.id, again)).toMatchObject({ decided: 'refused' });
});

test('of people who click at once two count, and never one twice', async () => {
  const decisions = await Promise.all(['bob', 'carol', 'bob', 'carol'].map((name) => approve(name)));
  expect(decisions.filter(({ decided }) => decided === 'yes')).toHaveLength(1);
  const { first, approver } = await stored();
  expect(new Set([first?.approval.approver, approver])).toEqual(new Set(['bob', 'carol']));
  takeUp(await propose());
  await Promise.all(['bob', 'bob', 'bob'].map((name) => approve(name)));
  expect(await stored()).toMatchObject({ state: 'proposed', approver: null });
});

test('an approval that was kept by a program that ended before it told it is told by the next click', async () => {
  const ending = { ...two(), tell: () => Promise.reject(new Error('ended')) };
  const silent = { ...ending, store: { ...store, transition: () => Promise.reject(new Error('ended')) } };
  await expect(approve('bob', silent)).rejects.toThrow('ended');
  expect((await stored()).first).toBeUndefined();
  expect(await approve('bob')).toMatchObject({ decided: 'first' });
  expect((await lastTold())?.note).toContain('Another person must approve it');
});

test('another plan needs both again', async () => {
  await approve('bob');
  const old = await kept();
  takeUp(await propose());
  await keep(old);
  expect(await approve('carol')).toMatchObject({ decided: 'first' });
  expect((await kept()).approval.approver).toBe('carol');
});

test.each<[string, () => unknown]>([
  ['of another key', () => signedBy('bob', plan, otherSeals)],
  [
    'whose name was changed',
    () => ({ ...signedBy('bob'), approval: { ...signedBy('bob').approval, approver: 'dan' } }),
  ],
  ['that is none', () => ({ approver: 'bob' })],
])('a first approval %s, written by somebody else, counts for nothing', async (_, planted) => {
  await keep(planted());
  expect(await approve('carol')).toMatchObject({ decided: 'first' });
  expect(await stored()).toMatchObject({ state: 'proposed', first: { approval: { approver: 'carol' } } });
});

describe('a worker refuses a plan', () => {
  beforeEach(async () => {
    await approve('bob');
    await approve('carol');
  });

  test.each<[string, () => SignedApproval | null, RegExp]>([
    ['without the first approval', () => null, /two people must approve it, and only carol did/],
    ['with two approvals of one person', () => signedBy('carol'), /two people must approve it, and carol did so twice/],
    ['with a first approval of another key', () => signedBy('bob', plan, otherSeals), /first of two approvals/],
    ['with a first approval of another plan', () => signedBy('bob', { ...plan, id: 'p-other' }), /is for plan p-other/],
  ])('%s', async (_, first, why) => {
    await plant({ first: first() });
    expect(await applyPlan(two(), plan.id)).toMatchObject({ state: 'refused' });
    await expectRefused(why);
  });

  test('with a first approval that was used before', async () => {
    const { first } = await stored();
    await two().ledger.spend(first!.approval.id);
    expect(await applyPlan(two(), plan.id)).toMatchObject({ state: 'refused' });
    await expectRefused(/this approval was used before/);
  });

  test('of whose two approvers the first may no longer decide', async () => {
    expect(await applyPlan({ ...two(), permission: onlyBobLeft }, plan.id)).toMatchObject({ state: 'refused' });
    await expectRefused(/bob may not decide now: bob left/);
  });
});

test('what could not be applied needs both again, and their approvals are over', async () => {
  await approve('bob');
  await approve('carol');
  const before = await stored();
  expect(await applyPlan({ ...two(), permission: slackIsAway }, plan.id)).toMatchObject({ state: 'proposed' });
  expect(await stored()).toMatchObject({ approver: null, approval: null, first: null });
  expect(await approve('carol')).toMatchObject({ decided: 'first' });
  await plant({ state: 'approved', approver: 'carol', approval: before.approval, first: before.first! });
  expect(await applyPlan(two(), plan.id)).toMatchObject({ state: 'refused' });
  await expectRefused(/this approval was used before/);
});

test('who asked counts as neither of them where the configuration says so', async () => {
  const own = { ...two(), approveOwn: false };
  expect(await approve('ann', own)).toMatchObject({ decided: 'refused' });
  expect(await kept()).toBeNull();
  await approve('ann');
  await approve('bob');
  expect(await applyPlan(own, plan.id)).toMatchObject({ state: 'refused' });
  await expectRefused(/ann asked for the diagnosis, and APPROVE_OWN is false/);
});

test('one person rejects it after the first approval, and one person rolls it back', async () => {
  await approve('bob');
  expect(await rejectPlan(two(), plan.id, 'carol')).toMatchObject({ decided: 'yes', record: { state: 'rejected' } });
  takeUp(await propose());
  await approve('bob');
  await approve('carol');
  await applyPlan(two(), plan.id);
  expect(await rollBackPlan(two(), plan.id, await wish())).toMatchObject({ state: 'rolled-back' });
});

test('a plan that was made for two people needs two, whatever the configuration says since', async () => {
  takeUp(await propose({ approvals: 2 }));
  expect(await approve('bob', oneIsEnough)).toMatchObject({ decided: 'first' });
  await plant({ state: 'approved', approver: 'bob', approval: await kept() });
  expect(await applyPlan(oneIsEnough, plan.id)).toMatchObject({ state: 'refused' });
  await expectRefused(/two people must approve it, and bob did so twice/);
});

test('the risk decides, from the one of the configuration on', () => {
  expect([asked('medium', 'low'), asked('medium', 'medium'), asked('medium', 'high')]).toEqual([false, true, true]);
  expect([asked(null, 'high'), asked('high', 'medium')]).toEqual([false, false]);
});
