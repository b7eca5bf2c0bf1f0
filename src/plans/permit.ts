/** Whether an approval lets this program act, now. */
import type { ApprovalLedger, ApprovedAction, AskPermission, SignedApproval } from '../model/approval.ts';
import type { PlanRecord } from '../model/fix.ts';
import { offProblem } from './fixes-switch.ts';
import { isExpired, ownProblem } from './decide-plan.ts';
import type { PlanDeps } from './plan-record.ts';
import { approvalProblem, planProblem } from './signed-plan.ts';
import { needsTwo, secondProblem, type TwoApproversDeps } from './two-approvers.ts';

export interface PermitDeps extends TwoApproversDeps {
  /** Asks afresh who may decide. */
  readonly permission: AskPermission;
  readonly ledger: ApprovalLedger;
  readonly approveOwn: boolean;
}

/**
 * `retry`: nobody could be asked, or fixes are off. `use`: to be called right before acting; why not, or null
 * once for the approval. */
export type Permit =
  | { readonly refused: 'for-good' | 'expired' | 'retry'; readonly why: string }
  | { readonly refused: null; readonly use: () => Promise<string | null> };

/** Returns what shows that somebody else wrote the record or the approval of the action; null: both are ours. */
export function forgeryOf(
  { seals, clock }: Pick<PlanDeps, 'seals' | 'clock'>,
  record: PlanRecord,
  action: ApprovedAction,
  signed: SignedApproval | null,
): string | null {
  const problem = planProblem(seals, record) ?? approvalProblem(seals, action, record.plan, signed, clock.now());
  if (problem !== null || signed === null) return problem;
  // It is told and audited as who approved.
  return action === 'apply' && record.approver !== signed.approval.approver
    ? `${signed.approval.approver} approved it, not ${record.approver}`
    : null;
}

const forGood = (why: string): Permit => ({ refused: 'for-good', why });

/** Checks plan, approval and approver of a record. Do not read the record again afterwards: the store may change. */
export async function permitOf(
  deps: PlanDeps & PermitDeps,
  record: PlanRecord,
  action: ApprovedAction,
  signed: SignedApproval | null,
): Promise<Permit> {
  const forged = forgeryOf(deps, record, action, signed);
  if (forged !== null) return forGood(forged);
  const { approval } = signed as SignedApproval;
  if (action === 'apply' && isExpired(deps, record))
    return { refused: 'expired', why: `it was valid until ${record.plan.expiresAt}` };
  const alone = action === 'apply' && needsTwo(deps, record.plan) ? secondProblem(deps, record, signed!) : null;
  if (alone !== null) return forGood(alone);
  const both = [action === 'apply' ? record.first : null, signed];
  const own = both.find((one) => one && ownProblem(deps, record, one.approval.approver) !== null);
  if (own) return forGood(`${own.approval.approver} asked for the diagnosis, and APPROVE_OWN is false`);
  // A rollback restores what was: it is never off.
  const off = action === 'apply' ? await offProblem(deps) : null;
  if (off !== null) return { refused: 'retry', why: off };
  const first = action === 'apply' && needsTwo(deps, record.plan) ? (record.first ?? null) : null;
  for (const { approver, via } of [...(first ? [first.approval] : []), approval]) {
    const permission = await deps.permission({ name: approver, via }, record.plan);
    if (permission.allowed) continue;
    return permission.retry
      ? { refused: 'retry', why: permission.why }
      : forGood(`${approver} may not decide now: ${permission.why}`);
  }
  return {
    refused: null,
    async use() {
      const unusable = first ? await useOnce(deps.ledger, first.approval.id) : null;
      return unusable ?? (await useOnce(deps.ledger, approval.id));
    },
  };
}

/** What cannot be remembered as used is not used. */
async function useOnce(ledger: ApprovalLedger, id: string): Promise<string | null> {
  try {
    return (await ledger.spend(id)) ? null : 'this approval was used before';
  } catch (error) {
    return `the approval could not be marked as used: ${error instanceof Error ? error.message : String(error)}`;
  }
}
