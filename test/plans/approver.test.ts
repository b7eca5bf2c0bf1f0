import { describe, expect, test } from '@jest/globals';
import { applyPlan } from '../../src/plans/apply-fix.ts';
import { approvePlan } from '../../src/plans/decide-plan.ts';
import { turnFixes } from '../../src/plans/fixes-switch.ts';
import type { SignedApproval } from '../../src/model/approval.ts';
import { operator, person, proposed } from '../support/signing.ts';
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
