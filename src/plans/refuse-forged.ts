/** What a worker says of a job that asks for more than this program signed. Nothing is told or audited as begun. */
import type { PlanRecord } from '../model/fix.ts';
import { forgeryOf } from './permit.ts';
import { movePlan, tellRefusal, type PlanDeps } from './plan-record.ts';

export const worker = 'calico-chatops';

/**
 * Refuses an approved plan if somebody else wrote it or its approval, before it is told as being applied. What the
 * store holds can change at any time, so it is checked again when the plan is taken.
 * @returns null: nothing was refused
 */
export async function refuseForged(deps: PlanDeps, record: PlanRecord): Promise<PlanRecord | null> {
  if (record.state !== 'approved') return null;
  const reason = forgeryOf(deps, record, 'apply', record.approval);
  if (reason === null) return null;
  return movePlan(deps, record.plan.id, ['approved'], { to: 'refused', change: { reason }, by: worker, note: reason });
}

/** A job for a plan that nobody approved is told: somebody wrote it into the queue. */
export async function notApproved(deps: PlanDeps, record: PlanRecord): Promise<PlanRecord> {
  if (record.state === 'proposed')
    await tellRefusal(deps, record, {
      what: 'apply',
      by: worker,
      why: 'a job asked to apply this plan, but nobody approved it',
      approval: null,
    });
  return record;
}
