/** A verdict as plain text, for a terminal. */
import type { Evidence } from '../model/evidence.ts';
import { blindSpotLines } from '../model/blind-spots.ts';
import { headlineOf } from '../model/headline.ts';
import { type Finding, type SettledStep, type StepStatus, type Verdict, notCheckedWords } from '../model/verdict.ts';
import { line, marked } from './plain-output.ts';

const words: Readonly<Record<StepStatus, string>> = {
  pass: 'ok  ',
  fail: 'FAIL',
  inconclusive: '?   ',
  skipped: '-   ',
};

/** One settled step, with the line's end. */
export function stepLine({ status, title, summary, durationMs }: SettledStep): string {
  return line`${words[status]} ${title}: ${summary} (${durationMs} ms)\n`;
}

/**
 * The whole verdict: what was not checked and what was found first, and in the end, where a person who scrolled down
 * reads on, the headline.
 * @param verbose with the evidence
 */
export function verdictText(verdict: Verdict, verbose = false): string {
  const { cluster, target, roots, consequences, latent, blindSpots, setup, notes, timings } = verdict;
  const flow = [
    target.asked && target.asked !== target.pod ? `of ${target.asked}` : null,
    target.from ? `from ${target.from}` : null,
    target.to ? `to ${target.to}` : null,
    target.port ? `on ${target.port}` : null,
  ]
    .filter((part) => part !== null)
    .join(' ');
  const first = timings.firstFindingMs === null ? '' : `, first finding after ${timings.firstFindingMs} ms`;
  const found = [...roots, ...consequences, ...latent];
  const more = !verbose && found.some(({ evidence }) => evidence.length > 0) ? '. The evidence: -v' : '';
  return [
    ...section(
      'Not checked',
      blindSpotLines(blindSpots, cluster).flatMap(({ text, next }) => [
        line`  ${text}`,
        ...(next === null ? [] : marked('    ', next)),
      ]),
    ),
    ...section(
      latentTitle(verdict),
      latent.map((finding) => findingText(finding, verbose)),
    ),
    ...section(
      'Consequences',
      consequences.map((finding) =>
        findingText(finding, verbose, `caused by ${finding.because.id} ${finding.because.rule}`),
      ),
    ),
    ...section(
      'Causes',
      roots.map((finding) => findingText(finding, verbose)),
    ),
    ...section('Where it stops', stopLines(verdict)),
    '',
    line`${headlineOf(verdict).text}`,
    line`${target.pod}${target.address ? ` (${target.address} on ${target.node ?? 'no node'})` : ''} ${flow}`.trimEnd(),
    ...(setup ? [line`  ${setup.summary}`] : []),
    ...notes.map((note) => line`  ${note}`),
    line`run ${verdict.run}, ${timings.totalMs} ms${first}${more}`,
    '',
  ].join('\n');
}

/** Where a cause was found, one sentence is enough, if it says where. */
function stopLines({ stop, roots }: Verdict): readonly string[] {
  if (!stop) return [];
  const [first] = stop.notChecked;
  if (roots.length > 0) return stop.direction === null ? [] : [line`  ${stop.summary}`];
  return [
    line`  ${stop.summary}`,
    ...(stop.checked.length > 0 ? [line`  Checked there, without a fault found: ${stop.checked.join('; ')}`] : []),
    ...(first ? [line`  Not checked there: ${notCheckedWords(stop).join('; ')}`, '  To do next:'] : []),
    ...stop.notChecked
      .slice(0, nextCommands)
      .map(({ node, command }) => line`    ${node ? `${node}$ ` : ''}${command}`),
  ];
}

/** Commands that are told for the place where the flow stops; the document has all. */
const nextCommands = 4;

function latentTitle(verdict: Verdict): string {
  return verdict.roots.length > 0 || verdict.flow === 'works'
    ? 'Other faults, which do not stop this flow now'
    : 'Other faults, not shown to be the cause';
}

function section(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : ['', title, ...items];
}

function findingText(finding: Finding, verbose: boolean, note: string | null = null): string {
  const { id, rule, title, detail, proof, evidence, advice, fix } = finding;
  return [
    line`* ${title} [${id} ${rule}, ${proof}${note ? `, ${note}` : ''}]`,
    line`  ${detail}`,
    ...(verbose ? evidence.flatMap(evidenceLines) : []),
    ...(advice
      ? [line`  To do, by ${advice.who}:`, ...advice.commands.flatMap((command) => marked('    ', command))]
      : []),
    ...(fix?.plan ? [line`  Fix ${fix.id}: calico-chatops fix show ${fix.plan}`] : []),
  ].join('\n');
}

function evidenceLines({ command, node, excerpt }: Evidence): readonly string[] {
  return [line`  ${node ? `${node}$` : '>'} ${command}`, ...marked('    | ', excerpt)];
}
