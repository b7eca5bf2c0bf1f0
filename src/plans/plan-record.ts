/** Steps in the life of a plan, each stored, told in the run's thread and audited. */
import type { SignedApproval } from '../model/approval.ts';
import type { AuditLog } from '../model/audit.ts';
import type { Evidence } from '../model/evidence.ts';
import type { PlanRecord, PlanState } from '../model/fix.ts';
import type { JobQueues } from '../model/jobs.ts';
import type { Clock } from '../model/ports.ts';
import type { RunStore, TellRun } from '../model/runs.ts';
import type { Seals } from '../model/seal.ts';
import { toldWords } from '../model/told-plan.ts';
import { redactJson, redactText } from '../model/redact.ts';

export interface PlanDeps {
  readonly store: RunStore;
  readonly clock: Clock;
  /** null: what is approved is not given to a worker (the command line applies it itself). */
  readonly queues: JobQueues | null;
  readonly tell: TellRun;
  /** Trouble that must not stop a plan. */
  readonly warn: (what: string, error: unknown) => void;
  readonly audit: AuditLog;
  readonly seals: Seals;
}

type PlanChange = Partial<Omit<PlanRecord, 'plan' | 'state' | 'updatedAt'>>;

export interface PlanStep {
  readonly to: PlanState;
  /** What the audit record calls it; not given: `plan` and the state. */
  readonly what?: string;
  readonly change?: PlanChange;
  /** Who caused it: an approver, or the worker itself. */
  readonly by: string;
  /** What is said in the thread beside the new state. */
  readonly note: string | null;
  /** Commands and requests that were run for it. */
  readonly evidence?: readonly Evidence[];
  /** The approval that it rests on, where the record does not hold it. */
  readonly approval?: SignedApproval | null;
}

/**
 * Moves a plan on, if it is still in one of `from`, and tells and audits it.
 * @returns null when it was in another state: somebody else acted.
 */
export async function movePlan(
  deps: PlanDeps,
  id: string,
  from: readonly PlanState[],
  step: PlanStep,
): Promise<PlanRecord | null> {
  const record = await deps.store.transition(id, from, {
    ...step.change,
    state: step.to,
    updatedAt: deps.clock.now().toISOString(),
  });
  if (!record) return null;
  await tellPlan(deps, record, step);
  return record;
}

/** Tells and audits what happened to a plan whose record is stored already. */
export async function tellPlan(
  deps: PlanDeps,
  record: PlanRecord,
  { to, what = `plan ${to}`, by, note, evidence = [], approval = record.approval }: PlanStep,
): Promise<void> {
  const { plan } = record;
  await deps.audit.append({
    what,
    plan: plan.id,
    digest: plan.digest,
    fix: plan.fix,
    run: plan.run,
    cluster: plan.cluster,
    requester: record.requester,
    approver: record.approver,
    approval,
    ...(record.first ? { first: record.first } : {}),
    by,
    note: note && redactText(note),
    applied: record.applied,
    commands: redactJson(evidence.map(({ command, node, at, excerpt }) => ({ command, node, at, result: excerpt }))),
  });
  await tellRun(deps, record, note);
}

/** Tells and audits that a wish was refused. The plan stays as it is. */
export async function tellRefusal(
  deps: PlanDeps,
  record: PlanRecord,
  { what, by, why, approval }: Refusal,
): Promise<void> {
  const { plan } = record;
  await deps.audit.append({
    what: `${what} refused`,
    plan: plan.id,
    digest: plan.digest,
    fix: plan.fix,
    run: plan.run,
    cluster: plan.cluster,
    by,
    why: redactText(why),
    approval,
  });
  await tellRun(deps, record, `Not done (${what}): ${why}.`);
}

export interface Refusal {
  readonly what: 'apply' | 'rollback' | 'approval' | 'reject';
  readonly by: string;
  readonly why: string;
  readonly approval: SignedApproval | null;
}

/** What is sealed is redacted before: afterwards it must stay as it is. */
async function tellRun(deps: PlanDeps, record: PlanRecord, said: string | null): Promise<void> {
  const note = said && redactText(said);
  await deps.tell(record.plan.run, {
    type: 'plan',
    record,
    note,
    seal: deps.seals.seal('told', toldWords(record, note)),
  });
}
