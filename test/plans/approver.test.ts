import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { applyPlan } from '../../src/plans/apply-fix.ts';
import { approvePlan, rejectPlan } from '../../src/plans/decide-plan.ts';
import { fixesOff, turnFixes } from '../../src/plans/fixes-switch.ts';
import { resumePlans } from '../../src/plans/resume-plans.ts';
import type { SignedApproval } from '../../src/model/approval.ts';
import { operator, person, proposed, proposeSample } from '../support/signing.ts';
import {
  store,
  deps,
  plan,
  plant,
  stored,
  approve,
  auditedOf,
  expectRefused,
  bobLeft,
  slackIsAway,
} from './attacked-store.ts';

const turningFixesOff: typeof deps.permission = async (...asked) => {
  await turnFixes(deps, 'off', 'U0CAROL');
  return deps.permission(...asked);
};

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

  test('of a plan that was not applied, and was rejected then: the approval that somebody puts back is over', async () => {
    await approve();
    const { approver, approval } = await stored();
    await applyPlan({ ...deps, permission: slackIsAway }, plan.id);
    await rejectPlan(deps, plan.id, 'carol');
    await plant({ state: 'approved', approver, approval });
    expect(await applyPlan(deps, plan.id)).toMatchObject({ state: 'refused' });
    await expectRefused(/this approval was used before/);
  });

  test('who is asked while another turns fixes off: nothing is written', async () => {
    await approve();
    expect(await applyPlan({ ...deps, permission: turningFixesOff }, plan.id)).toMatchObject({ state: 'refused' });
    await expectRefused(/fixes are off since .* \(U0CAROL\)/);
    await turnFixes(deps, 'on', 'U0CAROL');
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

test('above the fixes of an hour an approval is refused, in its own cluster alone, and the plan waits', async () => {
  const few = { ...deps, fixesPerHour: 2 };
  for (const id of ['p-few-1', 'p-few-2', 'p-few-3']) await proposeSample(store, { id, cluster: 'few' });
  await proposeSample(store, { id: 'p-more-1', cluster: 'more' });
  for (const id of ['p-few-1', 'p-few-2'])
    expect(await approvePlan(few, id, person('bob'))).toMatchObject({ decided: 'yes' });
  expect(await approvePlan(few, 'p-few-3', person('bob'))).toMatchObject({
    decided: 'refused',
    record: { state: 'proposed' },
    why: 'FIXES_PER_HOUR allows 2 for cluster few: approve it again in 30 min',
  });
  expect(await approvePlan(few, 'p-more-1', person('bob'))).toMatchObject({ decided: 'yes' });
});

test('an applying plan that this program did not make is not settled by a start of a worker, and not audited', async () => {
  await plant({ state: 'applying', requester: 'carol', updatedAt: new Date(0).toISOString() });
  const warned: string[] = [];
  await resumePlans({ ...deps, warn: (what, error) => void warned.push(`${what}: ${String(error)}`) }, () => true);
  expect(await stored()).toMatchObject({ state: 'applying' });
  expect([await auditedOf(), warned]).toEqual([[], [expect.stringContaining('changed after it was signed')]]);
});

/** Somebody turns fixes off while it is audited that another turns them on. */
const turningOffBeside: typeof deps.audit.append = async (entry) => {
  await deps.audit.append(entry);
  if (entry['what'] === 'fixes on')
    await turnFixes({ ...deps, clock: { ...deps.clock, now: () => new Date() } }, 'off', 'U0CAROL');
};

/** A program that ends before it is audited. */
const ending = () => ({ ...deps, audit: { ...deps.audit, append: () => Promise.reject(new Error('ended')) } });

/** So many milliseconds from now. */
const at = (ms: number, again = false) => ({ at: new Date(deps.clock.now().getTime() + ms), again });

describe('turning fixes on or off', () => {
  const off = { by: 'U0CAROL' };
  afterEach(async () => {
    await store.forget('fixes-off');
    await store.forget('fixes-on');
    await store.forget('fixes-off-audited');
  });

  test('an "on" does not undo an "off" that came after it was asked for', async () => {
    const asked = at(-1000);
    await turnFixes(deps, 'off', 'U0CAROL');
    expect(await turnFixes(deps, 'on', 'U0ALICE', asked)).toMatchObject(off);
    expect(await fixesOff(deps)).toMatchObject(off);
  });

  test('nor one that comes while it is audited', async () => {
    await turnFixes(deps, 'off', 'U0BOB');
    const later = at(1000);
    expect(
      await turnFixes({ ...deps, audit: { ...deps.audit, append: turningOffBeside } }, 'on', 'U0ALICE', later),
    ).toMatchObject(off);
    expect(await fixesOff(deps)).toMatchObject(off);
  });

  test('an "off" that is delivered again does not undo an "on" that came between', async () => {
    expect(await turnFixes(deps, 'off', 'U0CAROL', at(0))).toBeNull();
    expect(await turnFixes(deps, 'on', 'U0ALICE', at(1000))).toBeNull();
    expect(await turnFixes(deps, 'off', 'U0CAROL', at(0, true))).toMatchObject({ by: 'U0ALICE' });
    expect(await fixesOff(deps)).toBeNull();
  });

  test('one whose first delivery was cut off turns them off, also where they were turned on before', async () => {
    await turnFixes(deps, 'on', 'U0ALICE', at(-1000));
    expect(await turnFixes(deps, 'off', 'U0CAROL', at(0, true))).toBeNull();
    expect(await fixesOff(deps)).toMatchObject(off);
  });

  test('an older "on" that is delivered again does not make a newer one older', async () => {
    await turnFixes(deps, 'on', 'U0BOB', at(-2000));
    await turnFixes(deps, 'on', 'U0ALICE', at(1000));
    expect(await turnFixes(deps, 'on', 'U0BOB', at(-2000, true))).toBeNull();
    expect(await turnFixes(deps, 'off', 'U0CAROL', at(0, true))).toMatchObject({ by: 'U0ALICE' });
  });

  test('the first delivery of an "off" counts, whatever the clock of another bot said', async () => {
    await turnFixes(deps, 'on', 'U0ALICE', at(60_000));
    expect(await turnFixes(deps, 'off', 'U0CAROL', at(0))).toBeNull();
    expect(await fixesOff(deps)).toMatchObject(off);
  });

  describe('by a program that ends before it is audited', () => {
    const audited = async () =>
      (await deps.audit.trail()).map(({ record }) => [record['what'], record['by']].join(' ')).slice(before);
    let before: number;
    beforeEach(async () => {
      before = (await deps.audit.trail()).length;
      await expect(turnFixes(ending(), 'off', 'U0CAROL', at(0))).rejects.toThrow('ended');
      expect(await fixesOff(deps)).toMatchObject(off);
    });

    test('is audited once by the next delivery', async () => {
      await turnFixes(deps, 'off', 'U0CAROL', at(0, true));
      await turnFixes(deps, 'off', 'U0CAROL', at(0, true));
      expect(await audited()).toEqual(['fixes off U0CAROL']);
    });

    test('is audited before the turn that ends it', async () => {
      await turnFixes(deps, 'on', 'U0ALICE', at(1000));
      expect(await audited()).toEqual(['fixes off U0CAROL', 'fixes on U0ALICE']);
    });

    test('is audited by the next start of a worker', async () => {
      await resumePlans(deps, () => false);
      expect(await audited()).toEqual(['fixes off U0CAROL']);
    });

    test.each<[string, (stored: string) => string]>([
      ['another name', (stored) => stored.replace('U0CAROL', 'U0ALICE')],
      ['no seal', () => JSON.stringify({ by: 'U0ALICE', at: at(0).at.toISOString() })],
      ['no words of ours', () => 'off'],
    ])('is audited without a name where somebody else wrote it: %s', async (_, change) => {
      await store.remember('fixes-off', change((await store.recall('fixes-off')) ?? ''), 60);
      await resumePlans(deps, () => false);
      await resumePlans(deps, () => false);
      expect(await audited()).toEqual(['fixes off unknown']);
    });
  });

  test('undoes what stood before', async () => {
    await turnFixes(deps, 'off', 'U0CAROL');
    expect(await turnFixes(deps, 'on', 'U0ALICE', at(1000))).toBeNull();
    expect(await fixesOff(deps)).toBeNull();
  });
});
