import { toldWords } from '../model/told-plan.ts';
import type { PlanRecord } from '../model/fix.ts';
import { applyJob } from '../model/job-catalogue.ts';
import { planRecord } from '../model/stored.ts';
import { tellPlan, type PlanDeps, type PlanStep } from './plan-record.ts';
import { worker } from './refuse-forged.ts';
import { planProblem } from './signed-plan.ts';

/** A program that moves a plan on tells it at once, if it lives. */
const olderThanMs = 30_000;
/** Nobody waits for what is older. */
const youngerThanMs = 86_400_000;
/** One at a time tells a step; when it dies, another may. */
const claimSeconds = 120;

/**
 * Tells and audits the last step of every plan whose program ended before it did: people wait below a card that says
 * something older. The chain may have it twice then, and the later record says that it is late. An approved plan whose
 * job did not get into the queue is added; a second time changes nothing.
 * @param seen steps that were found to be told, of an earlier call: they are not read again. Those that are too old to
 * be looked at leave it.
 * @param isOwn whether this worker has a way into a cluster: the plans of others are theirs
 * @throws StoreUnreachable | QueueUnreachable
 */
export async function tellUntold(
  deps: PlanDeps,
  seen: Set<string>,
  isOwn: (cluster: string) => boolean,
): Promise<void> {
  const now = deps.clock.now().getTime();
  const young = (await deps.store.plans()).filter(({ updatedAt }) => now - Date.parse(updatedAt) <= youngerThanMs);
  const keys = new Set(young.map(keyOf));
  for (const key of seen) if (!keys.has(key)) seen.delete(key);
  for (const record of young) {
    const { plan, state, step, updatedAt, approval } = record;
    const key = keyOf(record);
    if (seen.has(key) || !isOwn(plan.cluster) || now - Date.parse(updatedAt) < olderThanMs) continue;
    if (step === undefined || planProblem(deps.seals, record) !== null) {
      seen.add(key);
      continue;
    }
    if (!(await isTold(deps, record))) {
      if (!(await deps.store.once(`told-late.${key}`, claimSeconds))) continue;
      await tellPlan(deps, record, lateStep(record));
    }
    if (state === 'approved') await deps.queues?.add(applyJob(plan, approval));
    seen.add(key);
  }
}

const keyOf = ({ plan, step }: PlanRecord) => `${plan.id}.${step ?? 0}`;

/** Whether this program told this step, or a later one, in the thread of its run. */
export async function isTold({ store, seals }: PlanDeps, { plan, step = 0 }: PlanRecord): Promise<boolean> {
  return (await store.events(plan.run)).some((event) => {
    // Others may have written into the store.
    const record = event.type === 'plan' ? planRecord.safeParse(event.record).data : undefined;
    if (event.type !== 'plan' || record?.plan.id !== plan.id || (record.step ?? -1) < step) return false;
    return seals.check('told', toldWords(record, event.note), event.seal ?? null) === 'holds';
  });
}

/** What is told of a step by another program than the one that took it. */
export function lateStep(record: PlanRecord): PlanStep {
  const { state } = record;
  return { to: state, what: `plan ${state}, told late`, by: worker, note: lateNote(record) };
}

function lateNote({ state, reason, approver, first }: PlanRecord): string | null {
  if (reason !== null) return reason;
  if (state === 'approved')
    return first ? `Approved by ${first.approval.approver} and ${approver}.` : `Approved by ${approver}.`;
  if (state === 'proposed') return first ? 'Approved once. Another person must approve it, too.' : null;
  return null;
}
