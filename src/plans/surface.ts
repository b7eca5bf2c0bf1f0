/** What the bot may ask of the life of plans. */
import { applyJob, rollbackJob } from '../model/job-catalogue.ts';
import type { Approver } from '../model/approval.ts';
import type { JobQueues } from '../model/jobs.ts';
import type { PlanRecord } from '../model/fix.ts';
import {
  approvePlan,
  approveRollback,
  rejectPlan,
  type DecideDeps,
  type Decision,
  type NoDecision,
} from './decide-plan.ts';

export type { NoDecision } from './decide-plan.ts';

export interface PlanSurface {
  /** @returns null for a plan that the store does not have */
  show(plan: string): Promise<PlanRecord | null>;
  /**
   * Approves a plan, and asks a worker to apply it. An approval whose job did not get into the queue is asked for
   * again.
   */
  approve(plan: string, by: Approver): Promise<Decision>;
  reject(plan: string, by: string): Promise<Decision>;
  /** Approves that what a plan applied is rolled back, and asks a worker to do it. */
  rollBack(plan: string, by: Approver): Promise<NoDecision | { readonly decided: 'yes' }>;
}

/** Every method throws StoreUnreachable or QueueUnreachable. Whether the person may decide is asked by the caller. */
export function createPlanSurface(deps: DecideDeps & { readonly queues: JobQueues }): PlanSurface {
  return {
    show: (plan) => deps.store.plan(plan),
    async approve(plan, by) {
      const decision = await approvePlan(deps, plan, by);
      if (decision.decided === 'unknown-plan' || decision.decided === 'refused') return decision;
      const { state, approval } = decision.record;
      // Also after somebody else's approval: adding a job twice is once.
      if (state === 'approved') await deps.queues.add(applyJob(plan, approval));
      return decision;
    },
    reject: (plan, by) => rejectPlan(deps, plan, by),
    async rollBack(plan, by) {
      const decision = await approveRollback(deps, plan, by);
      if (decision.decided !== 'yes') return decision;
      await deps.queues.add(rollbackJob(decision.approval));
      return { decided: 'yes' };
    },
  };
}
