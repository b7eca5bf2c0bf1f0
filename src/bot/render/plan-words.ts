/** What cards, their dialogs and the last word on a fix say alike. */
import type { FixPlan, PlanRecord, PlanState } from '../../model/fix.ts';
import { isPlanNotice } from '../../model/plan-notice.ts';
import { mostConfirmed, type Button } from './blocks.ts';
import { buttonIds } from './buttons.ts';
import { clip, dayAndTime, rich, words, type Rich } from './rich.ts';

export const planStates: Readonly<Record<PlanState, Rich>> = {
  proposed: rich`:wrench: Fix:`,
  approved: rich`:hourglass_flowing_sand: Approved, queued:`,
  applying: rich`:hourglass_flowing_sand: Applying:`,
  verified: rich`:white_check_mark: Fixed and verified:`,
  'rolled-back': rich`:leftwards_arrow_with_hook: Rolled back:`,
  failed: rich`:x: Failed:`,
  refused: rich`:no_entry: Not applied:`,
  expired: rich`:hourglass: Expired:`,
  superseded: rich`:heavy_check_mark: No longer needed:`,
  rejected: rich`:no_entry_sign: Rejected:`,
};

/** What became of a plan, as the beginning of a line with its title. */
export function planMark(record: PlanRecord): Rich {
  return isPlanNotice(record) ? rich`:no_entry:` : planStates[record.state];
}

/** On what and as whom a plan acts. */
export function actsAs({ nodes, steps }: FixPlan): Rich {
  const places = [...new Set([...nodes.map(({ name }) => name), ...steps.flatMap(({ node }) => node ?? [])])];
  return places.length === 0
    ? rich`API server, as the bot's account`
    : rich`${clip(places.join(', '), 120)}, as root by SSH`;
}

/** How many pods a plan touches; null: it was not counted. */
export function podsTouched({ touches }: FixPlan): Rich | null {
  if (!touches) return null;
  if (touches.pods === null) return rich`${clip(touches.of, 120)}`;
  return rich`${touches.pods} (${clip(touches.of, 120)})`;
}

/** How long a plan takes with its verify, and what it does to traffic; null: of a version that did not say it. */
export function takesWords({ during, verify }: FixPlan): Rich | null {
  if (!during) return null;
  return rich`up to ${Math.ceil(during.seconds + verify.withinSeconds)} s; ${clip(during.traffic, 120)}`;
}

/** Who changed last what a plan is about; null: what was read does not say it. */
export function changedWords({ changed }: FixPlan): Rich | null {
  return changed ? rich`${clip(changed.object, 160)}, by ${clip(changed.by, 60)}, ${dayAndTime(changed.at)}` : null;
}

export function approveButton({ id, title, blastRadius, cluster }: FixPlan): Button {
  return {
    action: buttonIds.approve,
    label: 'Approve',
    value: id,
    style: 'primary',
    confirm: {
      title,
      text: confirmed(cluster, blastRadius),
      yes: 'Approve',
    },
  };
}

/** Returns one sentence of at most 300 characters. It says where it is not all, or people would approve a part. */
function confirmed(cluster: string, affected: string): string {
  const [first = '', ...rest] = affected.split(/(?<=[.!?]) (?=\S)/);
  const what = rich`This changes cluster ${clip(cluster, 60)} now, and affects ${first.replace(/\.$/, '')}`;
  const more = ' (the full plan says more).';
  const isWhole = rest.length === 0 && what.length < mostConfirmed;
  return isWhole ? `${words(what)}.` : words(clip(what, mostConfirmed - more.length)) + more;
}

export function rejectButton({ id, title }: FixPlan): Button {
  const text = 'Nothing is changed, and nobody can approve this plan any more. A new diagnosis offers the fix again.';
  return {
    action: buttonIds.reject,
    label: 'Reject',
    value: id,
    confirm: { title: `Reject: ${title}`, text, yes: 'Reject' },
  };
}

export function reviewButton({ id }: FixPlan): Button {
  return { action: buttonIds.review, label: 'Full plan', value: id };
}

/** Only where something of the plan is applied and can be rolled back. */
export function rollbackButtons({ plan: { id, title, rollback }, state, applied }: PlanRecord): readonly Button[] {
  if (applied === null || rollback.kind === 'none' || (state !== 'verified' && state !== 'failed')) return [];
  const confirm = { title: `Roll back: ${title}`, text: rollback.description, yes: 'Roll back' };
  return [{ action: buttonIds.rollback, label: 'Roll back', value: id, style: 'danger', confirm }];
}
