/** Plans that two people must approve. */
import { z } from 'zod';
import type { Approver, SignedApproval } from '../model/approval.ts';
import type { FixPlan, PlanRecord } from '../model/fix.ts';
import { riskScale, type Risk } from '../model/risk.ts';
import { signedApproval } from '../model/stored.ts';
import type { PlanDeps } from './plan-record.ts';
import { approvalProblem, isSamePerson, signApproval } from './signed-plan.ts';

const risks = riskScale.map(({ risk }) => risk);

export interface TwoApproversDeps {
  /** The risk from which on two people must approve in a cluster; null: one is enough. */
  readonly twoFrom: (cluster: string) => Risk | null;
}

/** Whether two people must approve: the plan says so since it was made, or the configuration says so now. */
export function needsTwo(
  { twoFrom }: TwoApproversDeps,
  { cluster, risk, approvals }: Pick<FixPlan, 'cluster' | 'risk' | 'approvals'>,
): boolean {
  const from = twoFrom(cluster);
  return approvals === 2 || (from !== null && risks.indexOf(risk) >= risks.indexOf(from));
}

type StoreDeps = Pick<PlanDeps, 'store' | 'seals' | 'clock'>;

/** Longer than a plan is offered. */
const keptSeconds = 86_400;
const keyOf = (plan: string) => `first-approval.${plan}`;

/** Returns the approval of the first person; null: nobody approved it, or somebody else wrote what is stored. */
export async function firstApproval(deps: StoreDeps, plan: FixPlan): Promise<SignedApproval | null> {
  return genuine(deps, plan, await deps.store.recall(keyOf(plan.id)));
}

/**
 * Keeps the approval of a person, if nobody was faster.
 * @returns the approval of the first person: this one's, or that of who was faster
 */
export async function keepFirstApproval(deps: StoreDeps, plan: FixPlan, approver: Approver): Promise<SignedApproval> {
  const stored = await deps.store.recall(keyOf(plan.id));
  const known = genuine(deps, plan, stored);
  if (known) return known;
  const mine = signApproval(deps.seals, 'apply', plan, approver, deps.clock.now());
  const kept = await deps.store.keepFirst(keyOf(plan.id), JSON.stringify(mine), keptSeconds, stored ?? '');
  return genuine(deps, plan, kept) ?? mine;
}

/** Both people must approve it anew. */
export async function forgetFirstApproval({ store }: Pick<PlanDeps, 'store'>, plan: string): Promise<void> {
  await store.forget(keyOf(plan));
}

function genuine({ seals, clock }: StoreDeps, plan: FixPlan, stored: string | null): SignedApproval | null {
  const signed = signedInWords.safeParse(stored).data ?? null;
  return signed && approvalProblem(seals, 'apply', plan, signed, clock.now()) === null ? signed : null;
}

const signedInWords = z.string().transform((text, context) => {
  try {
    return signedApproval.parse(JSON.parse(text));
  } catch {
    context.addIssue({ code: 'custom', message: 'is not an approval' });
    return z.NEVER;
  }
});

/** Returns why the two approvals of a record are not those of two people, or null. */
export function secondProblem(
  { seals, clock }: Pick<PlanDeps, 'seals' | 'clock'>,
  { plan, first = null }: PlanRecord,
  second: SignedApproval,
): string | null {
  if (first === null) return `two people must approve it, and only ${second.approval.approver} did`;
  const problem = approvalProblem(seals, 'apply', plan, first, clock.now());
  if (problem !== null) return `the first of two approvals does not hold: ${problem}`;
  return first.approval.id === second.approval.id || isSamePerson(first.approval.approver, second.approval.approver)
    ? `two people must approve it, and ${second.approval.approver} did so twice`
    : null;
}
