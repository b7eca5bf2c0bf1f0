/** What becomes of a plan whose worker ended before it was done with it: nothing is done again, and people are told. */
import type { ApprovalLedger } from '../model/approval.ts';
import type { PlanRecord } from '../model/fix.ts';
import { applyJob, type FixPayload } from '../model/job-catalogue.ts';
import { canRollBack } from './decide-plan.ts';
import { forgeryOf } from './permit.ts';
import { movePlan, tellPlan, tellRefusal, type PlanDeps } from './plan-record.ts';
import { worker } from './refuse-forged.ts';
import { planProblem } from './signed-plan.ts';
import { isTold, lateStep } from './tell-untold.ts';
import { forgetFirstApproval } from './two-approvers.ts';

/** Beside the time that a plan may verify for: what applying and rolling back take at most. */
const marginMs = 5 * 60_000;

/**
 * Settles the plan of a job that a worker began and did not finish. What the plan says tells how far it came: it is
 * `applying` before anything is written.
 * @param id of the job
 */
export async function abandonJob(
  deps: PlanDeps & { readonly ledger: ApprovalLedger },
  job: FixPayload,
  id: string,
): Promise<void> {
  const record = await genuine(deps, job.plan);
  if (!record) return;
  const { plan, state, approval } = record;
  if (state === 'applying') return abandonPlan(deps, plan.id);
  // A job of an earlier approval says nothing about this one.
  if (state === 'approved' && job.action === 'apply' && applyJob(plan, approval).id === id) {
    await offerAgain(deps, record, ['approved'], 'the worker ended before it began');
    return;
  }
  if (!(await isTold(deps, record))) return tellPlan(deps, record, lateStep(record));
  if (job.action === 'rollback') await tellNotRolledBack(deps, record, job);
}

/**
 * A plan whose worker died while applying is not repeated: it is called failed, and a person looks. Nothing is told or
 * audited of one that this program did not make.
 */
export async function abandonPlan(deps: PlanDeps, id: string): Promise<void> {
  const record = await genuine(deps, id);
  if (!record) return;
  const note = abandonedNote(record);
  await movePlan(deps, id, ['applying'], { to: 'failed', change: { reason: note }, by: worker, note });
}

function abandonedNote({ applied, reason }: PlanRecord): string {
  if (!applied) return 'The worker ended part-way. The fix may be applied or not, and is not repeated: diagnose again.';
  // While it applies a plan has a reason only once it is being rolled back.
  return reason === null
    ? 'Not verified: the worker ended first. The fix is applied: diagnose again, or roll it back.'
    : 'The worker ended while it rolled back. The fix may still be applied or not: roll it back again, or diagnose ' +
        `again. Why it rolled back: ${reason}`;
}

/**
 * Offers an approved plan again, of which nothing was applied. Its approval is over: somebody may reject the plan now,
 * and who writes to the store could put the approval back.
 * @returns null when the plan was in another state than one of `from`: somebody else acted.
 */
export async function offerAgain(
  deps: PlanDeps & { readonly ledger: ApprovalLedger },
  { plan: { id }, approval, first }: PlanRecord,
  from: readonly PlanRecord['state'][],
  why: string,
): Promise<PlanRecord | null> {
  for (const signed of [first, approval])
    if (signed)
      await deps.ledger
        .spend(signed.approval.id)
        .catch((error: unknown) => deps.warn(`the approval of ${id} could not be marked as used`, error));
  await forgetFirstApproval(deps, id);
  return movePlan(deps, id, from, {
    to: 'proposed',
    change: { approver: null, approval: null, ...(first ? { first: null } : {}) },
    by: worker,
    note: `Not applied: ${why}. Nothing was changed. Approve it again.`,
    approval,
  });
}

/**
 * Settles plans that no job settles any more: ones that have been applying for longer than they could, and approved
 * ones that nobody applied in time.
 * @param isOwn whether this worker has a way into a cluster: the plans of others are theirs
 */
export async function settleOverdue(
  deps: PlanDeps,
  records: readonly PlanRecord[],
  isOwn: (cluster: string) => boolean,
): Promise<void> {
  const now = deps.clock.now().getTime();
  for (const { plan, state, updatedAt } of records) {
    if (!isOwn(plan.cluster)) continue;
    if (state === 'applying' && now > Date.parse(updatedAt) + plan.verify.withinSeconds * 1000 + marginMs)
      await abandonPlan(deps, plan.id);
    if (state === 'approved' && now > Date.parse(plan.expiresAt) + marginMs && (await genuine(deps, plan.id)))
      await movePlan(deps, plan.id, ['approved'], {
        to: 'expired',
        change: { reason: `it was valid until ${plan.expiresAt}` },
        by: worker,
        note: 'No worker applied it in time. Nothing was changed: diagnose again for a fresh plan.',
      });
  }
}

/** What was told since the rollback was approved says how it went. */
async function tellNotRolledBack(
  deps: PlanDeps,
  record: PlanRecord,
  { approval }: Extract<FixPayload, { action: 'rollback' }>,
): Promise<void> {
  // What somebody else wrote into the queue is told and audited as nobody's wish.
  if (!approval || !canRollBack(record) || forgeryOf(deps, record, 'rollback', approval) !== null) return;
  const { approver: by, at } = approval.approval;
  const events = await deps.store.events(record.plan.run);
  const isOver = events.some(
    (event) =>
      event.type === 'plan' && event.record.plan.id === record.plan.id && Date.parse(event.at) > Date.parse(at),
  );
  if (isOver) return;
  const why = 'the worker ended before it began, and nothing was changed. Roll it back again';
  await tellRefusal(deps, record, { what: 'rollback', by, why, approval });
}

async function genuine(deps: PlanDeps, id: string): Promise<PlanRecord | null> {
  const record = await deps.store.plan(id);
  const problem = record ? planProblem(deps.seals, record) : `there is no plan ${id} that this version can read`;
  if (problem === null) return record;
  deps.warn(`plan ${id} is left alone`, new Error(problem));
  return null;
}
