import type { Evidence } from '../../model/evidence.ts';
import { oneLine, visible } from '../../model/plain-text.ts';
import type { MessageBlock, MessageContent } from '../../model/thread.ts';
import { actions, code, context, fitsCode, message, section } from './blocks.ts';
import type { FoundFinding } from '../../model/verdict.ts';
import { recheckButton } from './buttons.ts';
import { bold, clip, codeWords, join, nothing, rich, strike, type Rich } from './rich.ts';
import type { ShownFinding } from './run-state.ts';

const proofs: Readonly<Record<FoundFinding['proof'], string>> = {
  counter: 'proven by counter: every test packet ended at this rule',
  capture: 'proven by capture',
  read: 'proven: read from the object',
  inferred: 'inferred, not proven',
};
const roles: Readonly<Record<ShownFinding['role'], Rich>> = {
  root: rich`:red_circle: Cause:`,
  consequence: rich`:large_orange_circle: Consequence:`,
  latent: rich`:large_yellow_circle: Other fault, not shown to be the cause:`,
  open: rich`:mag: Found:`,
};

/** One finding with what shows it, and what to do where no button can. */
export function findingMessage({ finding, role, because, withdrawn }: ShownFinding, run: string): MessageContent {
  if (withdrawn)
    return message(`No longer found: ${finding.title}`, [
      [section(rich`${strike(clip(finding.title, 500))} was no longer found at the verdict.`)],
    ]);
  const { title, detail, node, proof, evidence, advice } = finding;
  const where = join(
    [proofs[proof], ...(node ? [rich`on ${clip(node, 200)}`] : []), codeWords(finding.rule)],
    rich` · `,
  );
  const head = [
    section(rich`${roles[role]} ${bold(clip(title, 500))}\n${clip(detail, 1800)}`),
    context(rich`${because ? rich`caused by: ${clip(because, 300)} · ` : nothing}${where}`),
  ];
  return message(
    title,
    [head, ...(advice ? [adviceBlocks(advice, finding, run)] : []), ...evidence.map(evidenceBlocks)],
    'The file holds more evidence, and so does a saved case.',
  );
}

function adviceBlocks(
  { who, commands }: NonNullable<FoundFinding['advice']>,
  { fix }: FoundFinding,
  run: string,
): readonly MessageBlock[] {
  return [
    section(
      fix
        ? rich`${bold('Without the button')}, ${clip(who, 300)} can fix it by hand:`
        : rich`${bold('To do')}, by ${clip(who, 300)}:`,
    ),
    ...(commands.length > 0 ? [code(commands.join('\n'))] : []),
    ...(fix ? [] : [actions(recheckButton(run))]),
  ];
}

function evidenceBlocks({ command, node, excerpt }: Evidence): readonly MessageBlock[] {
  return [context(rich`${clip(node ?? 'API server', 200)}: ${clip(command, 1500)}`), code(excerpt)];
}

/**
 * What did not fit into the message, as the text of a file; null: it all did. Only our own lines begin at the margin.
 */
export function findingFile({ evidence }: FoundFinding): string | null {
  const size = evidence.reduce((sum, { excerpt }) => sum + excerpt.length, 0);
  if (evidence.every(({ excerpt }) => fitsCode(excerpt)) && size < 7000) return null;
  return evidence.map(evidenceText).join('\n');
}

function evidenceText({ command, node, at, excerpt }: Evidence): string {
  const lines = visible(excerpt)
    .split('\n')
    .map((line) => `    ${line}\n`);
  return `# ${oneLine(node ?? 'API server')}, ${oneLine(at)}\n$ ${oneLine(command)}\n${lines.join('')}`;
}
