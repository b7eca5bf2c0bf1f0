/** What the bot may ask of the life of plans. */
import { applyJob, rollbackJob } from '../model/job-catalogue.ts';
import type { Approver } from '../model/approval.ts';
import type { JobQueues } from '../model/jobs.ts';
import type { PlanRecord } from '../model/fix.ts';
import { fixesOff, turnFixes, type SwitchedOff } from './fixes-switch.ts';
import {
  approvePlan,
  approveRollback,
  isExpired,
  rejectPlan,
  type DecideDeps,
  type Decision,
  type NoDecision,
} from './decide-plan.ts';

export type { NoDecision } from './decide-plan.ts';
export type { SwitchedOff } from './fixes-switch.ts';

export interface PlanSurface {
  /** @returns null for a plan that the store does not have */
  show(plan: string): Promise<PlanRecord | null>;
  /** Every plan that is stored, the newest last. */
  list(): Promise<readonly PlanRecord[]>;
  /** Who turned fixes off; null: they are on. */
  off(): Promise<SwitchedOff | null>;
  turn(fixes: 'on' | 'off', by: string): Promise<void>;
  /**
   * Tells in the plan's thread that a person asks those who may decide. @returns false when that was told already, or
   * when the plan does not wait
   */
  askApprovers(plan: string, by: string, approvers: readonly string[]): Promise<boolean>;
  /**
   * Approves a plan, and asks a worker to apply it. An approval whose job did not get into the queue is asked for
   * again.
   */
  approve(plan: string, by: Approver): Promise<Decision>;
  reject(plan: string, by: string): Promise<Decision>;
  /** Approves that what a plan applied is rolled back, and asks a worker to do it. */
  rollBack(plan: string, by: Approver): Promise<NoDecision | { readonly decided: 'yes' }>;
}

const oneDaySeconds = 86_400;

/** Every method throws StoreUnreachable or QueueUnreachable. Whether the person may decide is asked by the caller. */
export function createPlanSurface(deps: DecideDeps & { readonly queues: JobQueues }): PlanSurface {
  return {
    show: (plan) => deps.store.plan(plan),
    list: () => deps.store.plans(),
    off: () => fixesOff(deps),
    turn: (fixes, by) => turnFixes(deps, fixes, by),
    async askApprovers(plan, by, approvers) {
      const record = await deps.store.plan(plan);
      if (record?.state !== 'proposed' || isExpired(deps, record)) return false;
      if (!(await deps.store.once(`approval-wanted.${plan}`, oneDaySeconds))) return false;
      await deps.tell(record.plan.run, { type: 'approval-wanted', plan, by, approvers });
      return true;
    },
    async approve(plan, by) {
      const decision = await approvePlan(deps, plan, by);
      if (decision.decided === 'unknown-plan' || decision.decided === 'refused') return decision;
      const { plan: approved, state, approval } = decision.record;
      // Also after somebody else's approval: adding a job twice is once.
      if (state === 'approved') await deps.queues.add(applyJob(approved, approval));
      return decision;
    },
    reject: (plan, by) => rejectPlan(deps, plan, by),
    async rollBack(plan, by) {
      const decision = await approveRollback(deps, plan, by);
      if (decision.decided !== 'yes') return decision;
      await deps.queues.add(rollbackJob(decision.record.plan, decision.approval));
      return { decided: 'yes' };
    },
  };
}
