/** A verdict as plain text, for a terminal. */
import type { Evidence } from '../model/evidence.ts';
import type { Finding, SettledStep, StepStatus, Verdict } from '../model/verdict.ts';

const words: Readonly<Record<StepStatus, string>> = { pass: 'ok  ', fail: 'FAIL', inconclusive: '?   ', skipped: '-   ' };

/** One settled step, with the line's end. */
export function stepLine({ status, title, summary, durationMs }: SettledStep): string {
  return `${words[status]} ${title}: ${summary} (${durationMs} ms)\n`;
}

/** The whole verdict: what it is, its causes with their evidence, what could not be seen. */
export function verdictText(verdict: Verdict): string {
  const { target, roots, consequences, latent, blindSpots, notes, timings } = verdict;
  const flow = [target.from ? `from ${target.from}` : null, target.port ? `on ${target.port}` : null].filter((part) => part !== null).join(' ');
  return [
    '',
    `${headline(verdict)}: ${target.pod}${target.address ? ` (${target.address} on ${target.node ?? 'no node'})` : ''} ${flow}`.trimEnd(),
    ...notes.map((note) => `  ${note}`),
    ...section('Causes', roots.map((finding) => findingText(finding))),
    ...section('Because of them', consequences.map((finding) => findingText(finding, `because of ${finding.because}`))),
    ...section('Also true, but not what stops this flow', latent.map((finding) => findingText(finding))),
    ...section('Could not be seen', blindSpots.map(({ probe, node, reason }) => `  ${probe}${node ? ` on ${node}` : ''}: ${reason}`)),
    '',
    `run ${verdict.run}, ${timings.totalMs} ms${timings.firstFindingMs === null ? '' : `, first finding after ${timings.firstFindingMs} ms`}`,
    '',
  ].join('\n');
}

function headline({ verdict, roots, latent }: Verdict): string {
  if (verdict === 'healthy') return 'HEALTHY';
  if (verdict === 'inconclusive') return 'INCONCLUSIVE';
  return roots.length > 0 ? `FAULT, ${roots.length === 1 ? 'one cause' : `${roots.length} causes`}` : `FAULT that does not stop this flow (${latent.length})`;
}

function section(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : ['', title, ...items];
}

function findingText(finding: Finding, note: string | null = null): string {
  const { rule, title, detail, proof, evidence, advice, fix } = finding;
  return [
    `* ${title} [${rule}, ${proof}${note ? `, ${note}` : ''}]`,
    `  ${detail}`,
    ...evidence.flatMap(evidenceLines),
    ...(advice ? [`  To do, by ${advice.who}:`, ...advice.commands.map((command) => `    ${command}`)] : []),
    ...(fix?.plan ? [`  Fix ${fix.id}: calico-chatops fix show ${fix.plan}`] : []),
  ].join('\n');
}

function evidenceLines({ command, node, excerpt }: Evidence): readonly string[] {
  return [`  ${node ? `${node}$` : '>'} ${command}`, ...excerpt.split('\n').map((line) => `    | ${line}`)];
}
