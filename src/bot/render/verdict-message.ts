/** The verdict as one message for a phone: what is so, why, how it is known, what to do. A button has the rest. */
import { blindSpotLines } from '../../model/blind-spots.ts';
import { firingVictims } from '../../model/alert-life.ts';
import type { MessageBlock, MessageContent } from '../../model/thread.ts';
import type { Finding, Verdict } from '../../model/verdict.ts';
import { actions, type Button, context, message, section, withinWords, type Needed } from './blocks.ts';
import { buttonIds, evidenceButton, recheckButton, retryButton } from './buttons.ts';
import { currentVerdict, laterLines, latestLook } from './later-look.ts';
import { otherNode } from './other-node.ts';
import {
  bold,
  clip,
  clipSentences,
  clipWords,
  clockTime,
  codeWords,
  countWords,
  join,
  nothing,
  rich,
  type Rich,
} from './rich.ts';
import type { LaterLook, RunState } from './run-state.ts';
import { toDo, type ToDo } from './to-do.ts';
import { causeLines, headline, shortVerdict } from './verdict-words.ts';

const mostWords = 120;
const shownLines = 3;
/** How badly a reader needs a part: what needs least is left out first. */
const need = {
  always: 9,
  first: 8.6,
  storm: 8.3,
  toDo: 8,
  missing: 7,
  stop: 6,
  alert: 5,
  beside: 4,
  notes: 3,
} as const;

/** What stands around a verdict. `storm`: right below it; the rest below its buttons. */
export interface Around {
  readonly alert: readonly MessageBlock[];
  readonly storm: readonly MessageBlock[];
  /** The same in fewer words. */
  readonly briefStorm: readonly MessageBlock[];
  readonly attention: readonly MessageBlock[];
  readonly foot: readonly MessageBlock[];
}

export function verdictMessage(state: RunState, verdict: Verdict, around: Around): MessageContent {
  const last = latestLook(state);
  const isWell = last?.verdict.verdict === 'healthy' && verdict.verdict !== 'healthy';
  // Where others in the list of a storm still fire, what is to do is still to do.
  const recovered = isWell && firingVictims(state.victims) === 0;
  const groups = [
    ...(recovered ? recoveredGroups(state, verdict, last) : faultGroups(state, verdict, last)),
    { need: need.alert, blocks: around.alert },
    { need: need.always, blocks: around.attention },
    ...(recovered ? [] : currentVerdict(verdict, last).verdict.notes.slice(0, 2)).map((note) => ({
      need: need.notes,
      blocks: [context(clipWords(note, 25))],
    })),
    { need: need.always, blocks: around.foot },
  ];
  const [first, ...others] = groups;
  const brief = { need: need.always, blocks: around.briefStorm };
  const storm: Needed = { need: need.storm, blocks: around.storm, shorter: brief };
  const withStorm = [...(first ? [first] : []), storm, ...others];
  return message(
    shortVerdict(last?.verdict ?? verdict),
    withinWords(
      withStorm.filter(({ blocks }) => blocks.length > 0),
      mostWords,
    ),
  );
}

function faultGroups(state: RunState, before: Verdict, last: LaterLook | null): readonly Needed[] {
  const { verdict, freshCauses } = currentVerdict(before, last);
  const orders = toDo(verdict, state.plans);
  const later = laterLines(state, before, last);
  const said = join([...later, headline(verdict), ...causeLines(verdict, freshCauses)], rich`\n`);
  return [
    { need: need.always, blocks: [section(said)] },
    ...stopGroups(verdict),
    ...(verdict.roots.length > 0 ? [] : missingGroups(verdict)),
    ...besideGroups(verdict),
    ...toDoGroups(orders),
    { need: need.always, blocks: [actions(...buttons(state, verdict, orders))] },
    ...(verdict.roots.length > 0 ? missingGroups(verdict) : []),
  ];
}

/** What was to do has been done, or is not needed: no button offers it in the message that people open first. */
function recoveredGroups(state: RunState, before: Verdict, last: LaterLook): readonly Needed[] {
  const { resolvedAt, run } = state;
  const resolved = resolvedAt ? rich`\n:white_check_mark: The alert resolved at ${clockTime(resolvedAt)}.` : nothing;
  const now = rich`${headline(last.verdict)} Checked at ${clockTime(last.at)}.`;
  const fixed = state.plans.filter(({ record }) => record.state === 'verified').map(({ record }) => record.plan.title);
  return [
    { need: need.always, blocks: [section(rich`${now}${resolved}`)] },
    {
      need: need.toDo,
      blocks:
        fixed.length === 0 ? [] : [section(rich`${bold('Fixed and verified:')} ${clipWords(fixed.join('; '), 30)}`)],
    },
    { need: need.toDo, blocks: [section(rich`${bold('Before:')} ${clipWords(shortVerdict(before), 40)}.`)] },
    ...besideGroups(last.verdict),
    { need: need.always, blocks: [actions(evidenceButton(run), recheckButton(run))] },
  ];
}

function buttons({ run }: RunState, verdict: Verdict, orders: readonly ToDo[]): readonly Button[] {
  const waiting = orders.flatMap(({ plan }) => (plan?.record.state === 'proposed' ? [plan.record.plan.id] : []));
  const [first] = waiting;
  const node = verdict.flow === 'works' || verdict.roots.length > 0 ? null : otherNode(verdict);
  const isOpen = verdict.verdict === 'inconclusive' && first === undefined;
  return [
    ...(first === undefined
      ? []
      : [{ action: buttonIds.review, label: 'Review fix', value: first, style: 'primary' } as const]),
    ...(isOpen ? [retryButton(run)] : []),
    ...(verdict.verdict === 'healthy' && verdict.steps.length === 0 ? [] : [evidenceButton(run)]),
    ...(isOpen ? [] : [recheckButton(run)]),
    ...(isOpen ? [{ action: buttonIds.wait, label: 'Wait for traffic', value: run }] : []),
    ...(node === null ? [] : [{ action: buttonIds.fromNode, label: `Try from ${node}`, value: run }]),
  ];
}

function toDoGroups(orders: readonly ToDo[]): readonly Needed[] {
  if (orders.length === 0) return [];
  const [one] = orders;
  if (one && orders.length === 1) return [{ need: need.toDo, blocks: [section(rich`${bold('To do:')} ${one.text}`)] }];
  const lines = orders.slice(0, shownLines).map(({ text }, index) => rich`${index + 1}. ${text}`);
  const more = orders.length > shownLines ? [rich`… and ${orders.length - shownLines} more: see the evidence.`] : [];
  const all = [section(join([rich`${bold('To do, in this order')}`, ...lines, ...more], rich`\n`))];
  const rest = rich`; then ${orders.length - 1} more: see the evidence.`;
  const shorter = one && { need: need.first, blocks: [section(rich`${bold('To do first:')} ${one.text}${rest}`)] };
  return [{ need: need.toDo, blocks: all, ...(shorter ? { shorter } : {}) }];
}

/** What follows from the causes, and what is wrong beside them. */
function besideGroups({ consequences, latent, roots, flow }: Verdict): readonly Needed[] {
  const harmless = roots.length > 0 || flow === 'works';
  const other = harmless ? 'Other fault, which does not stop this flow' : 'Other fault, not shown to be the cause';
  return [
    { need: need.beside, blocks: besideBlocks('Consequence', consequences) },
    { need: harmless ? need.notes : need.missing, blocks: besideBlocks(other, latent) },
  ];
}

function besideBlocks(title: string, [first, ...others]: readonly Finding[]): readonly MessageBlock[] {
  if (!first) return [];
  const more = others.length > 0 ? rich`; and ${others.length} more` : nothing;
  return [section(rich`${bold(`${title}:`)} ${clipWords(first.title, 14)}${more}`)];
}

/** Where a cause was found, one sentence is enough, if it says where. */
function stopGroups({ stop, roots }: Verdict): readonly Needed[] {
  if (!stop) return [];
  if (roots.length > 0)
    return stop.direction === null ? [] : [{ need: need.notes, blocks: [context(clipSentences(stop.summary, 28))] }];
  const [next] = stop.notChecked;
  return [
    { need: need.stop, blocks: [section(rich`${bold('Known:')} ${clipSentences(stop.summary, 28)}`)] },
    ...(next ? [{ need: need.missing, blocks: [section(missing(next.what, next.command, next.node))] }] : []),
  ];
}

/** What could not be checked: a line a cause, with the command that lets the check run next time. */
function missingGroups({ blindSpots, roots, cluster }: Verdict): readonly Needed[] {
  const lines = blindSpotLines(blindSpots, cluster);
  if (lines.length === 0) return [];
  if (roots.length > 0) {
    const [first] = lines;
    const more = lines.length > 1 ? rich`; and ${lines.length - 1} more` : nothing;
    return [{ need: need.notes, blocks: [context(rich`Not checked: ${clipWords(first?.text ?? '', 10)}${more}`)] }];
  }
  const shown = lines.slice(0, shownLines);
  return [
    ...shown.map(({ text, next }) => ({ need: need.missing, blocks: [section(missing(text, next, null))] })),
    ...(lines.length > shown.length
      ? [{ need: need.missing, blocks: [context(rich`${lines.length - shown.length} more: see the evidence.`)] }]
      : []),
  ];
}

function missing(what: string, command: string | null, node: string | null): Rich {
  const where = node === null ? nothing : rich` on ${clip(node, 60)}`;
  const mends = command === null ? nothing : rich`\n${commandWords(command)}`;
  return rich`${bold('Not checked')}${where}: ${clipWords(what, 14)}${mends}`;
}

/** A command that was cut must not look like one. */
function commandWords(command: string): Rich {
  return countWords(command) <= 18 && command.length <= 220
    ? rich`${bold('To do:')} ${codeWords(command)}`
    : rich`The command is with the evidence.`;
}
