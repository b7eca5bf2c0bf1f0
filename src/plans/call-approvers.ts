/** Calls those who may decide, once, when a fix waits and the person who asked cannot approve it alone. */
import { createHash } from 'node:crypto';
import { callsAs, type Approvable, type AskPermission } from '../model/approval.ts';
import { isSilent, type QuietHours } from '../model/attention.ts';
import { canonicalJson } from '../model/canonical-json.ts';
import type { FixPlan, PlanRecord } from '../model/fix.ts';
import { isExpired } from './decide-plan.ts';
import type { PlanDeps } from './plan-record.ts';
import { planProblem } from './signed-plan.ts';
import { needsTwo, type TwoApproversDeps } from './two-approvers.ts';

export interface CallApproversDeps extends PlanDeps, TwoApproversDeps {
  readonly permission: AskPermission;
  /** Whether the person who asked for a diagnosis may approve its fixes. */
  readonly approveOwn: boolean;
  /** Returns the Slack ids of those who may decide about a plan; empty: nobody is called. */
  readonly approversOf: (plan: Approvable) => Promise<readonly string[]>;
  readonly quiet: QuietHours | null;
}

/** As long as a plan is offered. */
const onceSeconds = 3600;

/**
 * Tells in the thread of a run that its fixes wait, for those who may decide. The same fix is called for once an hour,
 * whichever diagnoses offer it. Nobody is called while the run is silent.
 */
export async function callApprovers(deps: CallApproversDeps, run: string): Promise<void> {
  const events = await deps.store.events(run);
  const started = events.find((event) => event.type === 'started');
  const isInStorm = events.some((event) => event.type === 'placed' && event.where === 'storm');
  if (!started || started.origin.kind === 'cli' || isInStorm) return;
  if (isSilent(events, deps.quiet, deps.clock.now())) return;
  const waiting = (await deps.store.plans()).filter(
    (record) => record.plan.run === run && record.state === 'proposed' && !isExpired(deps, record),
  );
  for (const record of waiting) {
    const { plan } = record;
    if (planProblem(deps.seals, record) !== null || (await mayAlone(deps, record))) continue;
    const approvers = await deps.approversOf(plan);
    if (approvers.length === 0 || !(await deps.store.once(keyOf(plan), onceSeconds))) continue;
    const seal = deps.seals.seal('wanted', { run, plan: plan.id, by: callsAs, approvers });
    return deps.tell(run, { type: 'approval-wanted', plan: plan.id, by: callsAs, approvers, seal });
  }
}

/** Whether the person who asked needs nobody else. */
async function mayAlone(deps: CallApproversDeps, { plan, requester }: PlanRecord): Promise<boolean> {
  if (!deps.approveOwn || needsTwo(deps, plan) || !/^[UW][A-Z0-9]{4,20}$/.test(requester)) return false;
  const via = { kind: 'slack', channel: '', thread: '', message: '', click: '' } as const;
  return (await deps.permission({ name: requester, via }, plan)).allowed;
}

function keyOf({ cluster, fix, subject }: FixPlan): string {
  const about = createHash('sha256').update(canonicalJson({ cluster, fix, subject })).digest('hex').slice(0, 32);
  return `approvers-called.${about}`;
}
