/** What somebody can try who may write to Redis, and has not the key. */
import { Redis } from 'ioredis';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createApprovalLedger } from '../../src/adapters/approval-ledger.ts';
import { redisOptions } from '../../src/adapters/redis-connection.ts';
import { createRunStore } from '../../src/adapters/run-store.ts';
import { digestOf } from '../../src/fixes/digest.ts';
import { applyPlan, rollBackPlan, type FixDeps } from '../../src/plans/apply-fix.ts';
import { fixPayload } from '../../src/model/job-catalogue.ts';
import { approvePlan, approveRollback } from '../../src/plans/decide-plan.ts';
import { signApproval } from '../../src/plans/signed-plan.ts';
import { jobHandlers } from '../../src/jobs/worker.ts';
import type { SignedApproval } from '../../src/model/approval.ts';
import type { AuditLog } from '../../src/model/audit.ts';
import type { FixPlan, PlanRecord } from '../../src/model/fix.ts';
import type { RunStore } from '../../src/model/runs.ts';
import { house, houseDeps, target, type House } from '../support/house.ts';
import { startTestRedis } from '../support/redis.ts';
import { openDoors, samplePlan } from '../support/sample-plan.ts';
import { auditOn, operator, otherSeals, person, proposed, testSeals } from '../support/signing.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let attacker: Redis;
let store: RunStore;
let audit: AuditLog;
let folder: string;
let world: House;
let deps: FixDeps;
let plan: FixPlan;
let number = 0;
const signal = new AbortController().signal;

beforeAll(async () => {
  redis = await startTestRedis();
  folder = await mkdtemp(join(tmpdir(), 'cc-signed-'));
  await writeFile(join(folder, 'no-folder'), '');
  attacker = new Redis(redisOptions(redis.address));
  store = createRunStore({ address: redis.address, onError: () => undefined });
  audit = auditOn(redis.address);
});
afterAll(async () => {
  attacker.disconnect();
  await store.close();
  await audit.close();
  await redis.stop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  world = house();
  deps = { ...houseDeps(world, store, audit), ledger: createApprovalLedger(folder) };
  plan = await propose();
});

async function propose(change: Partial<FixPlan> = {}): Promise<FixPlan> {
  number += 1;
  const made = samplePlan({ id: `p-${number}`, run: `r-${number}`, ...change });
  await store.savePlan(proposed(made));
  await store.append(made.run, {
    at: made.createdAt,
    type: 'started',
    target,
    requester: 'ann',
    origin: { kind: 'cli', channel: null, thread: null, joins: null },
  });
  return made;
}

/** Writes fields of a plan's record straight into Redis. */
async function plant(fields: Partial<PlanRecord>, id = plan.id): Promise<void> {
  for (const [name, value] of Object.entries(fields))
    await attacker.hset(`calico-chatops:plan:${id}`, name, JSON.stringify(value));
}
const stored = async (id = plan.id) => (await store.plan(id)) as PlanRecord;
const approve = (by = person('bob')) => approvePlan(deps, plan.id, by);
const lastTold = async () => (await store.events(plan.run)).findLast((event) => event.type === 'plan');
const auditedOf = async (id = plan.id) =>
  (await audit.trail()).map(({ record }) => record).filter((record) => record['plan'] === id);

/** Whatever it was, it did not act, the thread says why, and the audit chain has it. */
async function expectRefused(why: string | RegExp): Promise<void> {
  expect(world).toMatchObject({ applied: 0 });
  expect((await lastTold())?.note).toMatch(why);
  expect(JSON.stringify((await auditedOf()).at(-1))).toMatch(why);
}

/** Bob's signed wish to roll back. */
async function wish(): Promise<SignedApproval> {
  const decision = await approveRollback(deps, plan.id, person('bob'));
  if (decision.decided !== 'yes') throw new Error(decision.decided);
  return decision.approval;
}

/** What was applied stays. */
async function expectKept(why: RegExp): Promise<void> {
  expect(world).toMatchObject({ rolledBack: 0, painted: true });
  expect(await stored()).toMatchObject({ state: 'verified' });
  await expectRefused(why);
}

const bobLeft: FixDeps['permission'] = async () => ({ allowed: false, why: 'bob left', retry: false });
const slackIsAway: FixDeps['permission'] = async () => ({ allowed: false, why: 'Slack could not say', retry: true });

describe('an apply', () => {
  test('of a plan that was written as approved is refused', async () => {
    await plant({ state: 'approved', approver: 'bob' });
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'refused' });
    await expectRefused(/nobody approved it/);
  });

  test('of a whole plan that this program never made is refused', async () => {
    plan = samplePlan({ id: 'p-planted', run: plan.run, preconditions: [], controls: [] });
    const approval = signApproval(otherSeals, 'apply', plan, person('bob'), deps.clock.now());
    await store.savePlan({ ...proposed(plan, 'ann', otherSeals), state: 'approved', approver: 'bob', approval });
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'refused' });
    await expectRefused(/signed with another key .* the same APPROVAL_KEY_FILE/);
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
    await expectRefused(/the plan was changed after it was signed/);
  });

  test('of a plan that was changed between card and click is not approved, and the refusal is audited', async () => {
    const changed = { ...plan, title: 'Paint the whole town' };
    await plant({ plan: { ...changed, digest: digestOf(changed) } });
    expect(await approve()).toMatchObject({
      decided: 'refused',
      why: expect.stringContaining('changed after it was signed'),
    });
    expect(await stored()).toMatchObject({ state: 'proposed', approval: null });
    await expectRefused(/changed after it was signed/);
  });

  test('of a plan whose digest is not its own is not approved', async () => {
    plan = await propose({ digest: '0'.repeat(64) });
    expect(await approve()).toMatchObject({ decided: 'refused', why: 'the plan is not what its digest says' });
    await expectRefused(/not what its digest says/);
  });

  test('with the approval of another plan is refused', async () => {
    const other = plan;
    await approve();
    const { approval } = await stored();
    plan = await propose();
    await plant({ state: 'approved', approver: 'bob', approval });
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'refused' });
    await expectRefused(new RegExp(`the approval is for plan ${other.id}`));
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
    await expectRefused(why);
  });

  test('in the name of somebody else is refused', async () => {
    await approve();
    await plant({ approver: 'eve' });
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'refused' });
    await expectRefused(/bob approved it, not eve/);
  });

  test('with an approval to roll back is refused', async () => {
    await plant({
      state: 'approved',
      approver: 'bob',
      approval: signApproval(testSeals, 'rollback', plan, person('bob'), deps.clock.now()),
    });
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'refused' });
    await expectRefused(/the approval is to rollback, not to apply/);
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
    await jobHandlers({ ...deps, followUpMinutes: [], notify: async () => undefined }).fix.run(
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
    await expectRefused(/compare the clocks/);
  });
});

describe('the approver', () => {
  test('who may no longer decide when it is applied: refused', async () => {
    await approve();
    expect(await applyPlan({ ...deps, permission: bobLeft }, plan.id)).toMatchObject({ state: 'refused' });
    await expectRefused(/bob may not decide now: bob left/);
  });

  test('about whom nobody can be asked: not applied, said so, and approved again it is applied', async () => {
    await approve();
    expect(await applyPlan({ ...deps, permission: slackIsAway }, plan.id)).toMatchObject({
      state: 'proposed',
      approver: null,
      approval: null,
    });
    await expectRefused(/Not applied: Slack could not say\. Nothing was changed\. Approve it again\./);
    const first = (await auditedOf()).find(({ what }) => what === 'plan approved')?.['approval'] as SignedApproval;
    await approve();
    expect((await stored()).approval?.approval.id).not.toBe(first.approval.id);
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'verified' });
  });

  test('may be who asked, unless the configuration forbids it', async () => {
    const own = { ...deps, approveOwn: false };
    expect(await approvePlan(own, plan.id, person('ann'))).toMatchObject({
      decided: 'refused',
      why: expect.stringContaining('APPROVE_OWN is false'),
    });
    expect(await approve(person('ann'))).toMatchObject({ decided: 'yes' });
    expect(await applyPlan(own, plan.id)).toMatchObject({ state: 'refused' });
    await expectRefused(/ann asked for the diagnosis, and APPROVE_OWN is false/);
  });

  test('at the command line is known by the user id, whatever the name', async () => {
    await store.savePlan(proposed(plan, operator('ann').name));
    expect(await approvePlan({ ...deps, approveOwn: false }, plan.id, operator('bob'))).toMatchObject({
      decided: 'refused',
    });
    expect(await approvePlan({ ...deps, approveOwn: false }, plan.id, operator('ann', 1001))).toMatchObject({
      decided: 'yes',
    });
  });

  test('cannot be told from who asked by changing who asked', async () => {
    await plant({ requester: 'carol' });
    expect(await approvePlan({ ...deps, approveOwn: false }, plan.id, person('ann'))).toMatchObject({
      decided: 'refused',
      why: expect.stringContaining('changed after it was signed'),
    });
  });
});

describe('a rollback', () => {
  beforeEach(async () => {
    await approve();
    await applyPlan(deps, plan.id);
    world.applied = 0;
  });
  test('without an approval is refused, and told', async () => {
    await jobHandlers({ ...deps, followUpMinutes: [], notify: async () => undefined }).fix.run(
      { plan: plan.id, action: 'rollback', by: 'alice' },
      signal,
    );
    await expectKept(/nobody approved it/);
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
