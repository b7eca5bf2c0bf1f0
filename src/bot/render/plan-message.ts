import { endStates, type FixPlan, type PlanRecord, type PlanState } from '../../model/fix.ts';
import type { MessageBlock, MessageContent } from '../../model/thread.ts';
import { actions, code, context, message, section, quote, withinWords, type Needed } from './blocks.ts';
import { recheckButton } from './buttons.ts';
import {
  actsAs,
  approveButton,
  planStates,
  podsTouched,
  rejectButton,
  reviewButton,
  rollbackButtons,
} from './plan-words.ts';
import { bold, clip, clipWords, clockTime, codeWords, join, nothing, person, rich, words } from './rich.ts';
import type { ShownPlan } from './run-state.ts';

const ended: readonly PlanState[] = endStates;
const mostWords = 95;
/** Changed lines of the diff that a card shows; the whole diff is in the full plan. */
const shownDiff = { lines: 7, characters: 420 } as const;

/**
 * A fix: what it would do, and once somebody decided, what became of it. A thing that somebody has to know before a
 * click stands above the buttons.
 * @param alert name of the alert that asked for the diagnosis; null: a person did
 */
export function planMessage({ record, note, at }: ShownPlan, alert: string | null = null): MessageContent {
  const { plan, state } = record;
  const text = `${state}: ${words(clip(plan.title, 120))}`;
  if (state === 'proposed') return message(text, proposedBlocks(record, note, alert));
  const head = section(rich`${planStates[state]} ${bold(clipWords(plan.title, 12))}`);
  const { approver, reason } = record;
  const said = join(
    [...(approver ? [rich`approved by ${person(approver)}`] : []), rich`${state} at ${clockTime(at)}`],
    rich` · `,
  );
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
  alert: string | null,
): readonly (readonly MessageBlock[])[] {
  const { plan } = record;
  const { cluster, target, run, blastRadius, risk, rollback, preconditions, createdAt, expiresAt, owner } = plan;
  const pods = podsTouched(plan);
  const from = alert === null ? nothing : rich` · alert ${clipWords(clip(alert, 80), 6)}`;
  const lines = [
    rich`${bold('Acts on:')} ${actsAs(plan)}`,
    ...(pods ? [rich`${bold('Pods:')} ${pods}`] : []),
    rich`${bold('Affects:')} ${clipWords(blastRadius, 16)}`,
    rich`${bold('Risk:')} ${risk}. ${bold('Undo:')} ${rollback.kind}. ${clipWords(rollback.description, 9)}`,
    ...(owner ? [rich`${bold('Applied again by:')} ${clipWords(owner, 8)}`] : []),
  ];
  const held =
    preconditions.length > 0 ? rich`${preconditions.length} conditions held at ${clockTime(createdAt)} · ` : nothing;
  const groups: readonly Needed[] = [
    {
      need: 9,
      blocks: [
        section(rich`${planStates.proposed} ${bold(clipWords(plan.title, 12))}`),
        context(
          rich`${clip(cluster, 60)} · ${clip(`${target.namespace}/${target.pod}`, 120)}${from} · ${codeWords(run)}`,
        ),
      ],
    },
    { need: 8, blocks: note ? [quote(words(clipWords(note, 25)))] : [] },
    { need: 7, blocks: [code(shortDiff(plan))] },
    { need: 9, blocks: [section(join(lines, rich`\n`))] },
    {
      need: 8,
      blocks: [context(rich`${held}if nobody acts, nothing changes · offered until ${clockTime(expiresAt)}`)],
    },
    { need: 9, blocks: [actions(approveButton(plan), rejectButton(plan), reviewButton(plan))] },
  ];
  return withinWords(
    groups.filter(({ blocks }) => blocks.length > 0),
    mostWords,
  );
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
  const people = [...new Set([requester, approver ?? ''])].filter((name) => /^[UW][A-Z0-9]{4,20}$/.test(name));
  const called = people.length > 0 ? rich`${join(people.map(person), rich` `)} ` : nothing;
  const said = note ?? reason ?? '';
  const outcome = said === '' ? nothing : clipWords(said, 24);
  const text = rich`${planStates[state]} ${bold(clipWords(plan.title, 12))}. ${outcome}`;
  return message(words(text), [[section(rich`${called}${text}`)]]);
}
