import { planNotice } from '../model/plan-notice.ts';
import type { CleanEvent, CleanEventOf } from '../model/runs.ts';
import { sealProblem, type Seals } from '../model/seal.ts';
import type { PlanRecord } from '../model/fix.ts';
import { planRecord } from '../model/stored.ts';
import { toldWords } from '../model/told-plan.ts';

/**
 * Returns a run's events in which a notice without buttons replaces every plan that this program did not make, and
 * everything that it did not say of a plan. A person approves what a card shows: so a card shows only signed plans, and
 * the worker applies only signed plans. One id is signed with one plan. Wishes for an approval that this program did
 * not tell are left out: they call people. So is what it did not say of a plan that a worker cannot read.
 */
export function withGenuinePlans(run: string, events: readonly CleanEvent[], seals: Seals): readonly CleanEvent[] {
  return events.flatMap((event): readonly CleanEvent[] => {
    if (event.type === 'approval-wanted') return isOwnWish(run, event, seals) ? [event] : [];
    if (event.type === 'plan-unread') return isOwnWord(run, event, seals) ? [event] : [];
    if (event.type !== 'plan') return [event];
    const record = planRecord.safeParse(event.record).data;
    const problem = record
      ? problemOf(run, record, event.note, event.seal ?? null, seals)
      : 'The stored record is not a plan.';
    return problem === null && record
      ? [{ ...event, record }]
      : [{ ...event, record: planNotice(record?.plan.id ?? `${run}.unknown`, run), note: problem }];
  });
}

function isOwnWish(run: string, { plan, by, approvers, seal }: CleanEventOf<'approval-wanted'>, seals: Seals): boolean {
  return seals.check('wanted', { run, plan, by, approvers }, seal ?? null) === 'holds';
}

function isOwnWord(run: string, { plan, action, seal }: CleanEventOf<'plan-unread'>, seals: Seals): boolean {
  return seals.check('unread', { run, plan, action }, seal ?? null) === 'holds';
}

function problemOf(
  run: string,
  record: PlanRecord,
  note: string | null,
  told: string | null,
  seals: Seals,
): string | null {
  const { plan, requester, seal } = record;
  if (plan.run !== run) return 'The plan is of another diagnosis.';
  const made = seals.check('plan', { plan, requester }, seal);
  if (made !== 'holds') return `The plan ${sealProblem(made, seal, seals)}.`;
  const said = seals.check('told', toldWords(record, note), told);
  return said === 'holds' ? null : `The stored event of the plan ${sealProblem(said, told, seals)}.`;
}
