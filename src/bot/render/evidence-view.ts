/** Everything behind a verdict, in a dialog: each finding with its evidence, the path, and what was not checked. */
import { blindSpotLines } from '../../model/blind-spots.ts';
import type { Evidence } from '../../model/evidence.ts';
import { oneLine } from '../../model/plain-text.ts';
import type { MessageBlock, ScreenView } from '../../model/thread.ts';
import type { Finding, PathHop, Verdict } from '../../model/verdict.ts';
import { actions, context, section, code } from './blocks.ts';
import { buttonIds } from './buttons.ts';
import { decidingLines } from './deciding-lines.ts';
import { freshFindings, latestLook } from './later-look.ts';
import { bold, clip, clockTime, codeWords, join, nothing, rich, type Rich } from './rich.ts';
import type { LaterLook, RunState, ShownFinding } from './run-state.ts';
import { causeLines, headline, proofs } from './verdict-words.ts';
import { codeBlocks, modal } from './views.ts';

const evidenceCallback = 'evidence';
const shownEvidence = 4;
const shownCharacters = 2400;
const fileCharacters = 200_000;

/** @param metadata comes back with a click in the dialog: where the run is told */
export function evidenceView(state: RunState, metadata: string): ScreenView {
  const { run, verdict, findings } = state;
  const last = latestLook(state);
  const shown = findings
    .filter(({ withdrawn }) => !withdrawn)
    .toSorted((a, b) => ranks.indexOf(a.role) - ranks.indexOf(b.role));
  return modal({
    callback: evidenceCallback,
    title: 'Evidence',
    submit: null,
    metadata,
    blocks: [
      ...(verdict ? [section(summary(verdict))] : []),
      ...((verdict?.path.length ?? 0) > 0 || shown.some(({ finding }) => finding.evidence.length > 0)
        ? [actions({ action: buttonIds.files, label: 'Send as files to the thread', value: run })]
        : []),
      ...(verdict && last ? freshBlocks(verdict, last) : []),
      ...shown.flatMap(findingBlocks),
      ...(verdict
        ? [...missingBlocks(verdict), ...pathBlocks(verdict.path), ...stepBlocks(verdict), ...setupBlocks(verdict)]
        : []),
      ...(shown.length === 0 && !verdict ? [section(rich`Nothing was found so far.`)] : []),
    ],
  });
}

/** What a later check found beside: its message names it, too. */
function freshBlocks(verdict: Verdict, last: LaterLook): readonly MessageBlock[] {
  const fresh = freshFindings(verdict, last);
  if (fresh.length === 0) return [];
  const roles = roleOf(last.verdict);
  return [
    section(bold(rich`:new: New at ${clockTime(last.at)}`)),
    ...fresh.flatMap((finding) => findingBlocks({ finding, role: roles(finding), because: null, withdrawn: false })),
    section(bold('Found before')),
  ];
}

const roleOf =
  ({ roots, consequences }: Verdict) =>
  ({ id }: Finding): ShownFinding['role'] => {
    if (roots.some((root) => root.id === id)) return 'root';
    return consequences.some((one) => one.id === id) ? 'consequence' : 'latent';
  };

/** The headline of several causes ends in a colon: they follow it. */
function summary(verdict: Verdict): Rich {
  return join([headline(verdict), ...(verdict.roots.length > 1 ? causeLines(verdict) : [])], rich`\n`);
}

const ranks: readonly ShownFinding['role'][] = ['root', 'open', 'consequence', 'latent'];
const roles: Readonly<Record<ShownFinding['role'], Rich>> = {
  root: rich`:red_circle: Cause:`,
  consequence: rich`:large_orange_circle: Consequence:`,
  latent: rich`:large_yellow_circle: Other fault, not shown to be the cause:`,
  open: rich`:mag: Found:`,
};

/** A finding: the sentence, the proof, what to do, then the lines that decide. */
export function findingBlocks({ finding, role, because }: ShownFinding): readonly MessageBlock[] {
  const { title, detail, node, proof, evidence, advice, rule, fix } = finding;
  const where = join([...(node ? [rich`on ${clip(node, 200)}`] : []), codeWords(rule)], rich` · `);
  const caused = because ? rich`Caused by: ${clip(because, 300)}. ` : nothing;
  const who = advice
    ? fix
      ? rich`${bold('Without the button')}, ${clip(advice.who, 300)} can fix it by hand:`
      : rich`${bold('To do')}, by ${clip(advice.who, 300)}:`
    : nothing;
  return [
    section(rich`${roles[role]} ${bold(clip(title, 500))}\n${clip(detail, 1800)}`),
    context(rich`${caused}${proofs[proof].replace(/\.$/, '')} · ${where}`),
    ...(advice ? [section(who), ...(advice.commands.length > 0 ? codeBlocks(advice.commands.join('\n')) : [])] : []),
    ...evidence.slice(0, shownEvidence).flatMap((one) => evidenceBlocks(one, finding)),
    ...(evidence.length > shownEvidence
      ? [context(rich`${evidence.length - shownEvidence} more commands: they are in the file.`)]
      : []),
  ];
}

function evidenceBlocks(
  { command, node, excerpt }: Evidence,
  finding: ShownFinding['finding'],
): readonly MessageBlock[] {
  return [
    context(rich`${clip(node ?? 'API server', 200)}: ${clip(command, 1500)}`),
    code(decidingLines(excerpt, finding, shownCharacters)),
  ];
}

/** All evidence of a finding as the text of a file: deciding lines first. Only our own lines begin at the margin. */
export function evidenceFile({ finding }: ShownFinding): string {
  const { title, detail, rule, evidence } = finding;
  return [
    `# ${oneLine(title)}\n# ${oneLine(detail)}\n# ${oneLine(proofs[finding.proof])} Rule ${oneLine(rule)}\n`,
    ...evidence.map(({ command, node, at, excerpt }) => {
      const lines = decidingLines(excerpt, finding, fileCharacters)
        .split('\n')
        .map((line) => `    ${line}\n`);
      return `# ${oneLine(node ?? 'API server')}, ${oneLine(at)}\n$ ${oneLine(command)}\n${lines.join('')}`;
    }),
  ].join('\n');
}

function missingBlocks({ blindSpots, stop, cluster }: Verdict): readonly MessageBlock[] {
  const lines = [
    ...(stop?.notChecked.map(({ what, command, node }) => ({
      text: node ? `${what} on ${node}` : what,
      next: command,
    })) ?? []),
    ...blindSpotLines(blindSpots, cluster),
  ];
  if (lines.length === 0) return [];
  return [
    section(bold('Not checked')),
    ...lines
      .slice(0, 10)
      .map(({ text, next }) =>
        section(rich`• ${clip(text, 300)}${next === null ? nothing : rich`\n${codeWords(clip(next, 400))}`}`),
      ),
  ];
}

const hopMarks: Readonly<Record<PathHop['status'], Rich>> = {
  seen: rich`:white_check_mark:`,
  lost: rich`:x:`,
  'not-looked': rich`:heavy_minus_sign:`,
};

/** The way of the packet, a line a hop. */
function pathBlocks(path: readonly PathHop[]): readonly MessageBlock[] {
  if (path.length === 0) return [];
  const lines = path.slice(0, 24).map(({ direction, place, node, status }, index) => {
    const turn =
      direction === 'reply' && path[index - 1]?.direction !== 'reply' ? rich`:leftwards_arrow_with_hook: ` : nothing;
    const where = node && !place.includes(node) ? rich` on ${clip(node, 60)}` : nothing;
    return rich`${turn}${hopMarks[status]} ${clip(place, 120)}${where}`;
  });
  return [section(bold('The way of the packet')), section(join(lines, rich`\n`))];
}

function stepBlocks({ steps }: Verdict): readonly MessageBlock[] {
  if (steps.length === 0) return [];
  const lines = steps.slice(0, 12).map(({ title, summary }) => rich`${bold(clip(title, 80))}: ${clip(summary, 200)}`);
  return [section(join([bold('Steps'), ...lines], rich`\n`))];
}

function setupBlocks({ setup, notes }: Verdict): readonly MessageBlock[] {
  return [...notes.slice(0, 8), ...(setup ? [setup.summary] : [])].map((note) => context(clip(note, 600)));
}
