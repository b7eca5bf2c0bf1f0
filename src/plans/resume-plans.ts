import { applyJob } from '../model/job-catalogue.ts';
import { settleOverdue } from './abandon-plan.ts';
import { auditOff } from './fixes-switch.ts';
import type { PlanDeps } from './plan-record.ts';

/**
 * Takes up plans that a program left behind when it ended, for the start of a worker: approved ones whose job did not
 * get into the queue are added (a second time changes nothing), and overdue ones are settled. A worker's lost job
 * settles its plan by itself.
 * @param isOwn whether this worker has a way into a cluster: the plans of others are theirs
 * @throws QueueUnreachable
 */
export async function resumePlans(deps: PlanDeps, isOwn: (cluster: string) => boolean): Promise<void> {
  await auditOff(deps).catch((error: unknown) => deps.warn('that fixes are off is not audited yet', error));
  const records = await deps.store.plans();
  for (const { plan, state, approval } of records) {
    if (isOwn(plan.cluster) && state === 'approved') await deps.queues?.add(applyJob(plan, approval));
  }
  await settleOverdue(deps, records, isOwn);
}
