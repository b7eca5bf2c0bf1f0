/** What the bot may ask of the life of plans. */
import { applyJob, rollbackJob } from '../model/job-catalogue.ts';
import type { Approver } from '../model/approval.ts';
import type { JobQueues } from '../model/jobs.ts';
import type { PlanRecord } from '../model/fix.ts';
import { fixesOff, turnFixes, type AskedTurn, type Turned } from './fixes-switch.ts';
import { planProblem } from './signed-plan.ts';
import {
  approvePlan,
  approveRollback,
  isExpired,
  rejectPlan,
  type ApprovalDecision,
  type DecideDeps,
  type Decision,
  type NoDecision,
} from './decide-plan.ts';

export type { NoDecision } from './decide-plan.ts';
export type { AskedTurn, Turned } from './fixes-switch.ts';

export interface PlanSurface {
  /** @returns null for a plan that the store does not have */
  show(plan: string): Promise<PlanRecord | null>;
  /** Every plan that is stored and that this program made, the newest last. Its state is as the store says. */
  list(): Promise<readonly PlanRecord[]>;
  /** Who turned fixes off; null: they are on. */
  off(): Promise<Turned | null>;
  /** @returns who turned fixes the other way after this was asked for; null: done */
  turn(fixes: 'on' | 'off', by: string, asked: AskedTurn): Promise<Turned | null>;
  /**
   * Tells in the plan's thread that a person asks those who may decide. @returns false when that was told already, or
   * when the plan does not wait
   */
  askApprovers(plan: string, by: string, approvers: readonly string[]): Promise<boolean>;
  /**
   * Approves a plan, and asks a worker to apply it. An approval whose job did not get into the queue is asked for
   * again.
   */
  approve(plan: string, by: Approver): Promise<ApprovalDecision>;
  reject(plan: string, by: string): Promise<Decision>;
  /** Approves that what a plan applied is rolled back, and asks a worker to do it. */
  rollBack(plan: string, by: Approver): Promise<NoDecision | { readonly decided: 'yes' }>;
}

const oneDaySeconds = 86_400;

/** Every method throws StoreUnreachable or QueueUnreachable. Whether the person may decide is asked by the caller. */
export function createPlanSurface(deps: DecideDeps & { readonly queues: JobQueues }): PlanSurface {
  return {
    show: (plan) => deps.store.plan(plan),
    async list() {
      const stored = await deps.store.plans();
      const genuine = stored.filter((record) => planProblem(deps.seals, record) === null);
      const others = stored.length - genuine.length;
      if (others > 0) deps.warn('plans in Redis are not listed', new Error(`${others} are not what this bot made`));
      return genuine;
    },
    off: () => fixesOff(deps),
    turn: (fixes, by, asked) => turnFixes(deps, fixes, by, asked),
    async askApprovers(plan, by, approvers) {
      const record = await deps.store.plan(plan);
      if (record?.state !== 'proposed' || isExpired(deps, record) || planProblem(deps.seals, record)) return false;
      if (!(await deps.store.once(`approval-wanted.${plan}`, oneDaySeconds))) return false;
      const { run } = record.plan;
      const seal = deps.seals.seal('wanted', { run, plan, by, approvers });
      await deps.tell(run, { type: 'approval-wanted', plan, by, approvers, seal });
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
