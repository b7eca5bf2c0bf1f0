import { endStates, type FixPlan, type PlanRecord, type PlanState } from '../../model/fix.ts';
import { riskPlace } from '../../model/risk.ts';
import type { MessageBlock, MessageContent } from '../../model/thread.ts';
import { actions, code, context, message, section, quote, withinWords, type Needed } from './blocks.ts';
import { recheckButton } from './buttons.ts';
import {
  actsAs,
  approveButton,
  changedWords,
  planMark,
  planStates,
  podsTouched,
  rejectButton,
  reviewButton,
  rollbackButtons,
  takesWords,
} from './plan-words.ts';
import {
  bold,
  clip,
  clipClauses,
  clipWords,
  clockTime,
  join,
  nothing,
  person,
  rich,
  words,
  type Rich,
} from './rich.ts';
import { inCluster } from './names.ts';
import { isPlanNotice } from '../../model/plan-notice.ts';
import type { ShownPlan } from './run-state.ts';

/** What of a run its card tells, too. */
export interface Around {
  /** Name of the alert that asked for the diagnosis; null: a person did. */
  readonly alert: string | null;
  /** As `orderWords` has it. */
  readonly order: Rich | null;
}

const ended: readonly PlanState[] = endStates;
const mostWords = 122;
/** Changed lines of the diff that a card shows; the whole diff is in the full plan. */
const shownDiff = { lines: 7, characters: 420 } as const;

/**
 * A fix: what it would do, and once somebody decided, what became of it. A thing that somebody has to know before a
 * click stands above the buttons.
 */
export function planMessage({ record, note, at }: ShownPlan, around: Around): MessageContent {
  const { plan, state } = record;
  const text = `${state}: ${words(clip(plan.title, 120))}`;
  if (state === 'proposed') return message(text, proposedBlocks(record, note, around));
  const head = section(rich`${planMark(record)} ${bold(clipWords(plan.title, 12))}`);
  const { approver, reason, first } = record;
  const by = join([...(first ? [person(first.approval.approver)] : []), person(approver ?? '')], rich` and `);
  const said = isPlanNotice(record)
    ? rich`I cannot tell whether another bot applied it. Re-check says how the pod is now.`
    : join([...(approver ? [rich`approved by ${by}`] : []), rich`${state} at ${clockTime(at)}`], rich` · `);
  const outcome = note ?? reason;
  const isOver = ended.includes(state) && state !== 'rejected';
  return message(text, [
    [head, ...(outcome ? [quote(words(clipWords(outcome, 60)))] : []), context(said)],
    [actions(...(isOver ? [recheckButton(plan.run), ...rollbackButtons(record)] : []), reviewButton(plan))],
  ]);
}

function proposedBlocks(
  record: PlanRecord,
  note: string | null,
  { alert, order }: Around,
): readonly (readonly MessageBlock[])[] {
  const { plan } = record;
  const { target, blastRadius, risk, rollback, preconditions, createdAt, expiresAt, owner, rehearsed } = plan;
  const [pods, takes, changed] = [podsTouched(plan), takesWords(plan), changedWords(plan)];
  const from = alert === null ? nothing : rich` · alert ${clipWords(clip(alert, 80), 6)}`;
  const undo = rich`${rollback.kind}. ${clipClauses(rollback.description, 10)}`;
  const needed = [
    rich`${bold('Acts on:')} ${actsAs(plan)}`,
    ...(pods ? [rich`${bold('Pods:')} ${pods}`] : []),
    rich`${bold('Affects:')} ${clipClauses(blastRadius, 14)}`,
    ...(takes ? [rich`${bold('Takes:')} ${clipWords(takes, 20)}`] : []),
    rich`${bold('Risk:')} ${riskPlace(risk)}. ${bold('Undo:')} ${undo}`,
    ...(owner ? [rich`${bold('Applied again by:')} ${clipWords(owner, 8)}`] : []),
    ...(order ? [rich`${bold('Order:')} ${order}`] : []),
    ...(plan.approvals === 2 || record.first ? [rich`${bold('Two people')} must approve${approvedOnce(record)}`] : []),
  ];
  const lines = [...needed, ...(changed ? [rich`${bold('Last change:')} ${clipWords(changed, 10)}`] : [])];
  const held = [
    ...(preconditions.length > 0 ? [`${preconditions.length} conditions held`] : []),
    ...(rehearsed ? ['dry run accepted'] : []),
  ].join(', ');
  const checked = held === '' ? nothing : rich`${held} at ${clockTime(createdAt)} · `;
  const groups: readonly Needed[] = [
    {
      need: 9,
      blocks: [
        section(rich`${planStates.proposed} ${bold(clipWords(plan.title, 12))}`),
        context(rich`for ${bold(clip(`${target.namespace}/${target.pod}`, 120))}${inCluster(plan)}${from}`),
      ],
    },
    { need: 8, blocks: note ? [quote(words(clipWords(note, 25)))] : [] },
    { need: 8, blocks: [code(shortDiff(plan))] },
    {
      need: 7,
      blocks: [section(join(lines, rich`\n`))],
      shorter: { need: 9, blocks: [section(join(needed, rich`\n`))] },
    },
    {
      need: 8,
      blocks: [context(rich`${checked}if nobody acts, nothing changes · expires ${clockTime(expiresAt)}`)],
    },
    { need: 9, blocks: [actions(approveButton(plan), rejectButton(plan), reviewButton(plan))] },
  ];
  return withinWords(
    groups.filter(({ blocks }) => blocks.length > 0),
    mostWords,
  );
}

function approvedOnce({ first }: PlanRecord): Rich {
  return first ? rich`; ${person(first.approval.approver)} did` : nothing;
}

/** The lines that change, and how many more there are. */
function shortDiff({ diff }: FixPlan): string {
  const changed = diff.split('\n').filter((line) => /^[+-](?![+-]{2} )/.test(line));
  const lines = changed.length > 0 ? changed : diff.split('\n');
  const kept: string[] = [];
  let size = 0;
  for (const line of lines.slice(0, shownDiff.lines)) {
    size += line.length;
    if (size > shownDiff.characters) break;
    kept.push(line);
  }
  const more = lines.length - kept.length;
  return [...kept, ...(more > 0 ? [`… ${more} more: Full plan`] : [])].join('\n');
}

/** The last word on a fix that somebody approved, for the people who wait for it. */
export function outcomeMessage({ record, note }: ShownPlan): MessageContent {
  const { plan, state, requester, approver, reason } = record;
  const people = [...new Set([requester, record.first?.approval.approver ?? '', approver ?? ''])].filter((name) =>
    /^[UW][A-Z0-9]{4,20}$/.test(name),
  );
  const called = people.length > 0 ? rich`${join(people.map(person), rich` `)} ` : nothing;
  const said = note ?? reason ?? '';
  const outcome = said === '' ? nothing : clipWords(said, 24);
  const text = rich`${planStates[state]} ${bold(clipWords(plan.title, 12))}. ${outcome}`;
  return message(words(text), [[section(rich`${called}${text}`)]]);
}
