import type { Approver, SignedApproval } from '../model/approval.ts';
import type { PlanRecord } from '../model/fix.ts';
import { offProblem } from './fixes-switch.ts';
import { movePlan, tellRefusal, type PlanDeps } from './plan-record.ts';
import { isSamePerson, planProblem, signApproval } from './signed-plan.ts';
import { keepFirstApproval, needsTwo, type TwoApproversDeps } from './two-approvers.ts';

/**
 * `taken`: the plan was in another state already (its record says which). `refused`: it stays as it is, and `why` is
 * for the person.
 */
export type NoDecision =
  | { readonly decided: 'taken'; readonly record: PlanRecord }
  | { readonly decided: 'refused'; readonly record: PlanRecord; readonly why: string }
  | { readonly decided: 'unknown-plan' };
export type Decision = NoDecision | { readonly decided: 'yes'; readonly record: PlanRecord };
/** `first`: another person must approve it, too. */
export type ApprovalDecision = Decision | { readonly decided: 'first'; readonly record: PlanRecord };
export type RollbackDecision =
  | NoDecision
  | { readonly decided: 'yes'; readonly record: PlanRecord; readonly approval: SignedApproval };

interface OwnDeps extends PlanDeps {
  /** Whether the person who asked for the diagnosis may approve its fixes, too. */
  readonly approveOwn: boolean;
}

export interface DecideDeps extends OwnDeps, TwoApproversDeps {
  /** Fixes that may be approved for one cluster in an hour; as many at once after a pause. */
  readonly fixesPerHour: number;
}

/**
 * A person approves a plan: the approval is signed and kept with it. Where two people must, the second one decides. The
 * caller has asked whether that person may. An approval that comes too late expires the plan.
 */
export async function approvePlan(deps: DecideDeps, id: string, approver: Approver): Promise<ApprovalDecision> {
  const known = await deps.store.plan(id);
  if (!known) return { decided: 'unknown-plan' };
  if (known.state !== 'proposed') return { decided: 'taken', record: known };
  const why = (await refusalOf(deps, known, approver)) ?? (await offProblem(deps));
  if (why !== null) return { decided: 'refused', record: known, why };
  const { name } = approver;
  if (isExpired(deps, known)) {
    const expired = await movePlan(deps, id, ['proposed'], {
      to: 'expired',
      change: { reason: `it was valid until ${known.plan.expiresAt}` },
      by: name,
      note: 'Approved too late: diagnose again for a fresh plan.',
    });
    return decided(deps, known, expired, 'taken');
  }
  const first = needsTwo(deps, known.plan) ? await keepFirstApproval(deps, known.plan, approver) : null;
  if (first && isSamePerson(first.approval.approver, name)) return approvedFirst(deps, known, first);
  const tooMany = await capProblem(deps, known);
  if (tooMany !== null) return { decided: 'refused', record: known, why: tooMany };
  // Signed over the plan that was checked, not over what the store holds by the time of the change.
  const approval = signApproval(deps.seals, 'apply', known.plan, approver, deps.clock.now());
  const record = await movePlan(deps, id, ['proposed'], {
    to: 'approved',
    change: { approver: name, approval, ...(first ? { first } : {}) },
    by: name,
    note: first ? `Approved by ${first.approval.approver} and ${name}.` : `Approved by ${name}.`,
  });
  return decided(deps, known, record, 'yes');
}

/** Also for one who approves again, whose approval was kept and not told. */
async function approvedFirst(deps: DecideDeps, known: PlanRecord, first: SignedApproval): Promise<ApprovalDecision> {
  const { approver: name } = first.approval;
  if (known.first?.approval.id === first.approval.id)
    return { decided: 'refused', record: known, why: 'you approved it already, and another person must, too' };
  const record = await movePlan(deps, known.plan.id, ['proposed'], {
    to: 'proposed',
    change: { first },
    what: 'plan approved by the first of two',
    by: name,
    note: 'Approved once. Another person must approve it, too.',
    approval: first,
  });
  return record ? { decided: 'first', record } : decided(deps, known, null, 'taken');
}

/** A person approves that what a plan applied is rolled back. The plan stays as it is until a worker does it. */
export async function approveRollback(deps: OwnDeps, id: string, approver: Approver): Promise<RollbackDecision> {
  const record = await deps.store.plan(id);
  if (!record) return { decided: 'unknown-plan' };
  if (!canRollBack(record)) return { decided: 'taken', record };
  const why = await refusalOf(deps, record, approver);
  if (why !== null) return { decided: 'refused', record, why };
  const approval = signApproval(deps.seals, 'rollback', record.plan, approver, deps.clock.now());
  await deps.audit.append({
    what: 'rollback approved',
    plan: id,
    digest: record.plan.digest,
    run: record.plan.run,
    cluster: record.plan.cluster,
    by: approver.name,
    approval,
  });
  return { decided: 'yes', record, approval };
}

/** Whether there is something of a plan to roll back, and a way to do it. */
export function canRollBack({ plan, state, applied }: PlanRecord): boolean {
  return applied !== null && (state === 'verified' || state === 'failed') && plan.rollback.kind !== 'none';
}

/** A person declines a plan. */
export async function rejectPlan(deps: PlanDeps, id: string, by: string): Promise<Decision> {
  const known = await deps.store.plan(id);
  if (!known) return { decided: 'unknown-plan' };
  const why = await forgery(deps, known, 'reject', by);
  if (why !== null) return { decided: 'refused', record: known, why };
  const record = await movePlan(deps, id, ['proposed'], {
    to: 'rejected',
    change: { reason: `rejected by ${by}` },
    by,
    note: `Rejected by ${by}.`,
  });
  return decided(deps, known, record, 'yes');
}

export function isExpired(deps: Pick<PlanDeps, 'clock'>, { plan }: PlanRecord): boolean {
  return deps.clock.now().getTime() > Date.parse(plan.expiresAt);
}

/** A cluster is not changed faster than a person can watch, by any approvers or by what sends clicks in their name. */
async function capProblem({ store, fixesPerHour }: DecideDeps, { plan }: PlanRecord): Promise<string | null> {
  const bucket = { holds: fixesPerHour, everyMs: hourMs / fixesPerHour };
  const waitMs = await store.takeToken(`fixes.${plan.cluster}`, bucket);
  if (waitMs === 0) return null;
  const minutes = Math.ceil(waitMs / 60_000);
  return `FIXES_PER_HOUR allows ${fixesPerHour} for cluster ${plan.cluster}: approve it again in ${minutes} min`;
}

const hourMs = 3_600_000;

async function refusalOf(deps: OwnDeps, record: PlanRecord, { name }: Approver): Promise<string | null> {
  return (await forgery(deps, record, 'approval', name)) ?? ownProblem(deps, record, name);
}

/**
 * Nothing is decided about a plan that this program did not make: what is audited and told of it would be what somebody
 * wrote into the store. That is told, and the plan stays.
 */
async function forgery(
  deps: PlanDeps,
  record: PlanRecord,
  what: 'approval' | 'reject',
  by: string,
): Promise<string | null> {
  const problem = planProblem(deps.seals, record);
  if (problem !== null) await tellRefusal(deps, record, { what, by, why: problem, approval: null });
  return problem;
}

/** Returns why the person who asked may not decide, or null. */
export function ownProblem(
  { approveOwn }: Pick<DecideDeps, 'approveOwn'>,
  { requester }: PlanRecord,
  name: string,
): string | null {
  return approveOwn || !isSamePerson(requester, name)
    ? null
    : 'you asked for this diagnosis, and APPROVE_OWN is false: another person must approve';
}

async function decided(
  deps: PlanDeps,
  known: PlanRecord,
  moved: PlanRecord | null,
  how: 'yes' | 'taken',
): Promise<Decision> {
  return moved
    ? { decided: how, record: moved }
    : { decided: 'taken', record: (await deps.store.plan(known.plan.id)) ?? known };
}
