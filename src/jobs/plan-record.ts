/** Steps in the life of a plan, each stored, told in the run's thread and audited. */
import type { Evidence } from '../model/evidence.ts';
import type { PlanRecord, PlanState } from '../model/fix.ts';
import { tell, type TellDeps } from './tell.ts';

export type PlanChange = Partial<Omit<PlanRecord, 'plan' | 'state' | 'updatedAt'>>;

export interface PlanStep {
  readonly to: PlanState;
  readonly change?: PlanChange;
  /** Who caused it: an approver, or the worker itself. */
  readonly by: string;
  /** What is said in the thread beside the new state. */
  readonly note: string | null;
  /** Commands and requests that were run for it. */
  readonly evidence?: readonly Evidence[];
}

/**
 * Moves a plan on, if it is still in one of `from`, and tells and audits it.
 * @returns null when it was in another state: somebody else acted.
 */
export async function movePlan(deps: TellDeps, id: string, from: readonly PlanState[], step: PlanStep): Promise<PlanRecord | null> {
  const record = await deps.store.transition(id, from, { ...step.change, state: step.to, updatedAt: deps.clock.now().toISOString() });
  if (!record) return null;
  await tellPlan(deps, record, step);
  return record;
}

/** Tells and audits what happened to a plan whose record is stored already. */
export async function tellPlan(deps: TellDeps, record: PlanRecord, { to, by, note, evidence = [] }: PlanStep): Promise<void> {
  const { plan } = record;
  await deps.store.audit({
    what: `plan ${to}`,
    plan: plan.id,
    digest: plan.digest,
    fix: plan.fix,
    run: plan.run,
    cluster: plan.cluster,
    requester: record.requester,
    approver: record.approver,
    by,
    note,
    applied: record.applied,
    commands: evidence.map(({ command, node, at, excerpt }) => ({ command, node, at, result: excerpt })),
  });
  await tell(deps, plan.run, { type: 'plan', record, note });
}
