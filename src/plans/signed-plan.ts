/** Plans and approvals as they are signed, and what stands against acting on them. */
import { ulid } from 'ulid';
import { digestOf } from '../fixes/digest.ts';
import type { ApprovedAction, Approver, SignedApproval } from '../model/approval.ts';
import type { FixPlan, PlanRecord } from '../model/fix.ts';
import { sealProblem, type Seals } from '../model/seal.ts';

/** How long an approval of a rollback holds. An approval to apply holds as long as its plan. */
const rollbackMs = 15 * 60_000;
/** Between the clocks of two machines. */
const skewMs = 2 * 60_000;

/** Returns the record of a new plan, signed together with who asked: neither can be changed before it is shown. */
export function sealPlan(seals: Seals, plan: FixPlan, requester: string): PlanRecord {
  const seal = seals.seal('plan', { plan, requester });
  return {
    plan,
    state: 'proposed',
    requester,
    approver: null,
    reason: null,
    updatedAt: plan.createdAt,
    applied: null,
    seal,
    approval: null,
    appliedSeal: null,
    step: 0,
  };
}

/** Returns what is wrong with a plan itself, or null where it is what this program made. */
export function planProblem(seals: Seals, { plan, requester, seal }: PlanRecord): string | null {
  const state = seals.check('plan', { plan, requester }, seal);
  // A newer version signs fields that this one does not know, and does not read.
  const orNewer = state === 'altered' ? ', or a newer version of this program made it' : '';
  if (state !== 'holds') return `the plan ${sealProblem(state, seal, seals)}${orNewer}`;
  return digestOf(plan) === plan.digest ? null : 'the plan is not what its digest says';
}

export function signApproval(
  seals: Seals,
  action: ApprovedAction,
  { id, digest }: FixPlan,
  { name, via }: Approver,
  now: Date,
): SignedApproval {
  const approval = {
    version: 1,
    id: `a-${ulid(now.getTime())}`,
    action,
    plan: id,
    digest,
    approver: name,
    via,
    at: now.toISOString(),
  } as const;
  return { approval, seal: seals.seal('approval', approval) };
}

/** Returns what is wrong with an approval for an action on a plan, or null where it is signed, for both, and fresh. */
export function approvalProblem(
  seals: Seals,
  action: ApprovedAction,
  plan: FixPlan,
  signed: SignedApproval | null,
  now: Date,
): string | null {
  if (!signed) return 'nobody approved it: there is no signed approval';
  const { approval, seal } = signed;
  const state = seals.check('approval', approval, seal);
  if (state !== 'holds') return `the approval ${sealProblem(state, seal, seals)}`;
  if (approval.plan !== plan.id || approval.digest !== plan.digest)
    return `the approval is for plan ${approval.plan}, not for this one`;
  if (approval.action !== action) return `the approval is to ${approval.action}, not to ${action}`;
  const age = now.getTime() - Date.parse(approval.at);
  if (age < -skewMs)
    return `the approval has a time in the future (${approval.at}): compare the clocks of bot and worker`;
  if (action === 'rollback' && age > rollbackMs)
    return `the approval is from ${approval.at}, and holds for ${rollbackMs / 60_000} minutes`;
  return null;
}

/** Whether two names are of one person. At the command line the user id counts: the name is free. */
export function isSamePerson(one: string, other: string): boolean {
  return one === other || (uidOf(one) !== null && uidOf(one) === uidOf(other));
}

function uidOf(name: string): string | null {
  return /\(cli, uid (\d+)\)$/.exec(name)?.[1] ?? null;
}

/** Seals what apply did, for the rollback that rests on it. */
export function sealApplied(seals: Seals, { id, digest }: FixPlan, applied: Readonly<Record<string, string>>): string {
  return seals.seal('applied', { plan: id, digest, applied });
}

export function appliedProblem(
  seals: Seals,
  { plan: { id, digest }, applied, appliedSeal }: PlanRecord,
): string | null {
  const state = seals.check('applied', { plan: id, digest, applied }, appliedSeal);
  return state === 'holds' ? null : `the record of what was applied ${sealProblem(state, appliedSeal, seals)}`;
}
