import type { FixPlan, PlanRecord, PlanState } from '../../model/fix.ts';
import type { MessageBlock, MessageContent } from '../../model/thread.ts';
import { actions, type Button, clip, code, context, escape, message, section } from './blocks.ts';
import { buttonIds, recheckButton } from './buttons.ts';
import { clockTime, person } from './names.ts';
import type { ShownPlan } from './run-state.ts';

const states: Readonly<Record<PlanState, string>> = {
  proposed: ':wrench: Fix:',
  approved: ':hourglass_flowing_sand: Approved, waiting for its turn:',
  applying: ':hourglass_flowing_sand: Applying:',
  verified: ':white_check_mark: Done, and it healed:',
  'rolled-back': ':leftwards_arrow_with_hook: Taken back:',
  failed: ':x: Failed:',
  refused: ':no_entry: Refused, the world has moved:',
  expired: ':hourglass: Expired:',
  superseded: ':heavy_check_mark: Not needed any more:',
  rejected: ':no_entry_sign: Rejected:',
};
const ended: readonly PlanState[] = ['verified', 'rolled-back', 'failed', 'refused', 'expired', 'superseded', 'rejected'];

/** A fix: what it would do, and once somebody decided, what became of it. */
export function planMessage({ record, note, at }: ShownPlan): MessageContent {
  const { plan, state, approver, reason } = record;
  const head = section(`${states[state]} *${clip(escape(plan.title), 500)}*\n${clip(escape(plan.reason), 1500)}`);
  const text = `${state}: ${plan.title}`;
  if (state === 'proposed') return message(text, [[head, ...(note ? [section(`> ${clip(escape(note).replaceAll('\n', '\n> '), 2500)}`)] : []), touches(plan), actions(approveButton(plan), rejectButton(plan))], ...details(plan)], `All of it: \`calico-chatops fix show ${plan.id}\``);
  const said = [approver ? `approved by ${person(approver)}` : '', `${escape(state)} at ${clockTime(at)}`].filter((part) => part !== '').join(' · ');
  const outcome = note ?? reason;
  return message(text, [
    [head],
    [...(outcome ? [section(`> ${clip(escape(outcome).replaceAll('\n', '\n> '), 2500)}`)] : []), context(said)],
    ...(ended.includes(state) && state !== 'rejected' ? [[actions(recheckButton(plan.run), ...rollbackButtons(record))]] : []),
    ...(ended.includes(state) ? [] : [[touches(plan)], ...details(plan)]),
  ], `All of it: \`calico-chatops fix show ${plan.id}\``);
}

function touches({ blastRadius, risk, rollback }: FixPlan): MessageBlock {
  return section(`*What it touches:* ${clip(escape(blastRadius), 700)}\n*Risk:* ${escape(risk)}\n*Way back:* ${escape(rollback.kind)}, ${clip(escape(rollback.description), 700)}`);
}

function details(plan: FixPlan): readonly (readonly MessageBlock[])[] {
  const { steps, diff, preconditions, verify, controls, expiresAt, id } = plan;
  return [
    [context('*What changes*'), code(diff)],
    [context('*How*'), code(steps.map(({ description, command, node }) => `# ${description}${node ? ` (${node})` : ''}\n${command}`).join('\n\n'))],
    ...(preconditions.length > 0 ? [[section(`*Only while*\n${preconditions.map(({ description }) => `• ${clip(escape(description), 200)}`).join('\n')}`)]] : []),
    ...(controls.length > 0 ? [[section(`*Watched before and after*\n${controls.map(({ watches }) => `• ${clip(escape(watches), 200)}`).join('\n')}`)]] : []),
    [context(`Healed when \`${escape(verify.rule)}\` no longer holds within ${verify.withinSeconds} s and nothing watched got worse; else it is taken back where it can be. Valid until ${clockTime(expiresAt)} · \`${escape(id)}\``)],
  ];
}

function approveButton({ id, title, blastRadius }: FixPlan) {
  return { action: buttonIds.approve, label: 'Approve', value: id, style: 'primary', confirm: { title: clip(title, 100), text: `It touches: ${blastRadius}`, yes: 'Approve' } } as const;
}

function rejectButton({ id }: FixPlan) {
  return { action: buttonIds.reject, label: 'Reject', value: id } as const;
}

/** Only where something of the plan is applied and can be rolled back. */
function rollbackButtons({ plan: { id, title, rollback }, state, applied }: PlanRecord): readonly Button[] {
  if (applied === null || rollback.kind === 'none' || (state !== 'verified' && state !== 'failed')) return [];
  return [{ action: buttonIds.rollback, label: 'Roll back', value: id, style: 'danger', confirm: { title: clip(`Roll back: ${title}`, 100), text: rollback.description, yes: 'Roll back' } }];
}
