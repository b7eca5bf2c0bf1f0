import { abandonPlan } from './apply-fix.ts';
import { applyJob } from '../model/job-catalogue.ts';
import { auditOff } from './fixes-switch.ts';
import type { PlanDeps } from './plan-record.ts';

/** Beside the time that a plan may verify for: what applying and rolling back take at most. */
const marginMs = 5 * 60_000;

/**
 * Takes up plans that a program left behind when it ended, for the start of a worker: approved ones whose job did not
 * get into the queue are added (a second time changes nothing), and ones that have been applying for longer than they
 * could are settled. A worker's lost job settles its plan by itself. A switch that was turned off and not audited is
 * audited.
 * @param isOwn whether this worker has a way into a cluster: the plans of others are theirs
 * @throws QueueUnreachable
 */
export async function resumePlans(deps: PlanDeps, isOwn: (cluster: string) => boolean): Promise<void> {
  await auditOff(deps).catch((error: unknown) => deps.warn('that fixes are off is not audited yet', error));
  const now = deps.clock.now().getTime();
  for (const { plan, state, approval, updatedAt } of await deps.store.plans()) {
    if (!isOwn(plan.cluster)) continue;
    if (state === 'approved') await deps.queues?.add(applyJob(plan, approval));
    if (state === 'applying' && now > Date.parse(updatedAt) + plan.verify.withinSeconds * 1000 + marginMs)
      await abandonPlan(deps, plan.id);
  }
}
