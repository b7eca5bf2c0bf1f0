import { endStates, type FixPlan, type PlanRecord, type PlanState } from '../../model/fix.ts';
import type { MessageBlock, MessageContent } from '../../model/thread.ts';
import { actions, type Button, code, context, message, section, quote } from './blocks.ts';
import { buttonIds, recheckButton } from './buttons.ts';
import { bold, clip, clockTime, codeWords, join, ofOthers, person, rich, type Content, type Rich } from './rich.ts';
import type { ShownPlan } from './run-state.ts';

const states: Readonly<Record<PlanState, Rich>> = {
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
const ended: readonly PlanState[] = endStates;

/** A fix: what it would do, and once somebody decided, what became of it. */
export function planMessage({ record, note, at }: ShownPlan): MessageContent {
  const { plan, state, approver, reason } = record;
  const head = section(rich`${states[state]} ${bold(clip(plan.title, 500))}\n${clip(plan.reason, 1500)}`);
  const text = `${state}: ${plan.title}`;
  if (state === 'proposed')
    return message(
      text,
      [
        [head, ...(note ? [quote(note)] : []), touches(plan), actions(approveButton(plan), rejectButton(plan))],
        ...details(plan),
      ],
      allOfIt(plan),
    );
  const said = join(
    [...(approver ? [rich`approved by ${person(approver)}`] : []), rich`${state} at ${clockTime(at)}`],
    rich` · `,
  );
  const outcome = note ?? reason;
  return message(
    text,
    [
      [head],
      [...(outcome ? [quote(outcome)] : []), context(said)],
      ...(ended.includes(state) && state !== 'rejected'
        ? [[actions(recheckButton(plan.run), ...rollbackButtons(record))]]
        : []),
      ...(ended.includes(state) ? [] : [[touches(plan)], ...details(plan)]),
    ],
    allOfIt(plan),
  );
}

function touches({ blastRadius, risk, rollback }: FixPlan): MessageBlock {
  const undo = rich`${rollback.kind}, ${clip(rollback.description, 700)}`;
  return section(
    rich`${bold('Affects:')} ${clip(blastRadius, 700)}\n${bold('Risk:')} ${risk}\n${bold('Rollback:')} ${undo}`,
  );
}

function details(plan: FixPlan): readonly (readonly MessageBlock[])[] {
  const { steps, diff, preconditions, verify, controls, expiresAt, id } = plan;
  const passes = rich`${codeWords(verify.rule)} passes within ${verify.withinSeconds} s`;
  const condition = rich`Verified if ${passes} and no watched flow gets worse.`;
  return [
    [context(rich`Change`), code(diff)],
    [
      context(rich`Steps`),
      code(
        steps
          .map(
            ({ description, command, node }) =>
              `# ${ofOthers(`${description}${node ? ` (${node})` : ''}`)}\n${command}`,
          )
          .join('\n\n'),
      ),
    ],
    ...(preconditions.length > 0
      ? [
          [
            bullets(
              'Applies only while',
              preconditions.map(({ description }) => description),
            ),
          ],
        ]
      : []),
    ...controlBullets(controls),
    [
      context(
        rich`${condition} Otherwise rolled back, if possible. Valid until ${clockTime(expiresAt)} · ${codeWords(id)}`,
      ),
    ],
  ];
}

function controlBullets(controls: FixPlan['controls']): readonly (readonly MessageBlock[])[] {
  const watched = controls.flatMap(({ watches, notWatched }) => (notWatched === null ? [watches] : []));
  const unwatched = controls.flatMap(({ watches, notWatched }) =>
    notWatched === null ? [] : [`${watches} (${notWatched})`],
  );
  return [
    ...(watched.length > 0 ? [[bullets('Watched before and after', watched)]] : []),
    ...(unwatched.length > 0 ? [[bullets('Not watched', unwatched)]] : []),
  ];
}

function bullets(title: string, items: readonly string[]): MessageBlock {
  return section(
    rich`${bold(title)}\n${join(
      items.map((item) => rich`• ${clip(item, 200)}`),
      rich`\n`,
    )}`,
  );
}

function allOfIt({ id }: FixPlan): Content {
  return rich`Full plan: ${codeWords(`calico-chatops fix show ${id}`)}`;
}

function approveButton({ id, title, blastRadius }: FixPlan) {
  return {
    action: buttonIds.approve,
    label: 'Approve',
    value: id,
    style: 'primary',
    confirm: { title, text: `Affects: ${blastRadius}`, yes: 'Approve' },
  } as const;
}

function rejectButton({ id }: FixPlan) {
  return { action: buttonIds.reject, label: 'Reject', value: id } as const;
}

/** Only where something of the plan is applied and can be rolled back. */
function rollbackButtons({ plan: { id, title, rollback }, state, applied }: PlanRecord): readonly Button[] {
  if (applied === null || rollback.kind === 'none' || (state !== 'verified' && state !== 'failed')) return [];
  const confirm = { title: `Roll back: ${title}`, text: rollback.description, yes: 'Roll back' };
  return [{ action: buttonIds.rollback, label: 'Roll back', value: id, style: 'danger', confirm }];
}
