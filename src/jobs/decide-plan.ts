import type { PlanRecord } from '../model/fix.ts';
import { movePlan } from './plan-record.ts';
import type { TellDeps } from './tell.ts';

/** `taken`: the plan was in another state already (its record says which). */
export type Decision = { readonly decided: 'yes' | 'taken'; readonly record: PlanRecord } | { readonly decided: 'unknown-plan' };

/** A person approves a plan. Whether that person may is the caller's to know. An approval past its time expires the plan. */
export async function approvePlan(deps: TellDeps, id: string, approver: string): Promise<Decision> {
  const known = await deps.store.plan(id);
  if (!known) return { decided: 'unknown-plan' };
  if (isExpired(deps, known)) {
    const expired = await movePlan(deps, id, ['proposed'], { to: 'expired', change: { reason: `it was valid until ${known.plan.expiresAt}` }, by: approver, note: 'Approved too late: diagnose again for a fresh plan.' });
    return decided(deps, known, expired, 'taken');
  }
  const record = await movePlan(deps, id, ['proposed'], { to: 'approved', change: { approver }, by: approver, note: `Approved by ${approver}.` });
  return decided(deps, known, record, 'yes');
}

/** A person declines a plan. */
export async function rejectPlan(deps: TellDeps, id: string, by: string): Promise<Decision> {
  const known = await deps.store.plan(id);
  if (!known) return { decided: 'unknown-plan' };
  const record = await movePlan(deps, id, ['proposed'], { to: 'rejected', change: { reason: `rejected by ${by}` }, by, note: `Rejected by ${by}.` });
  return decided(deps, known, record, 'yes');
}

export function isExpired(deps: Pick<TellDeps, 'clock'>, { plan }: PlanRecord): boolean {
  return deps.clock.now().getTime() > Date.parse(plan.expiresAt);
}

async function decided(deps: TellDeps, known: PlanRecord, moved: PlanRecord | null, how: 'yes' | 'taken'): Promise<Decision> {
  return moved ? { decided: how, record: moved } : { decided: 'taken', record: (await deps.store.plan(known.plan.id)) ?? known };
}
