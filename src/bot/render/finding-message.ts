import type { Evidence } from '../../model/evidence.ts';
import type { MessageBlock, MessageContent } from '../../model/thread.ts';
import type { FoundFinding } from '../../model/verdict.ts';
import { actions, clip, code, context, escape, fitsCode, message, section } from './blocks.ts';
import { recheckButton } from './buttons.ts';
import type { ShownFinding } from './run-state.ts';

const proofs: Readonly<Record<FoundFinding['proof'], string>> = {
  counter: 'proven: the counter of this very rule rose with our packets',
  capture: 'proven: captured on the wire',
  read: 'proven: read from the object itself',
  inferred: 'inferred, not proven',
};
const roles: Readonly<Record<ShownFinding['role'], string>> = {
  root: ':red_circle: Cause:',
  consequence: ':large_orange_circle: Consequence:',
  latent: ':large_yellow_circle: Also true, not known as a cause:',
  open: ':mag: Found:',
};

/** One finding with what shows it, and what to do where no button can. */
export function findingMessage({ finding, role, because, withdrawn }: ShownFinding, run: string): MessageContent {
  if (withdrawn) return message(`No longer so: ${finding.title}`, [[section(`~${escape(finding.title)}~ no longer held when the verdict was made.`)]]);
  const { title, detail, node, proof, evidence, advice } = finding;
  const where = [proofs[proof], node ? `on ${escape(node)}` : '', `\`${escape(finding.rule)}\``].filter((part) => part !== '').join(' · ');
  const head = [section(`${roles[role]} *${clip(escape(title), 500)}*\n${clip(escape(detail), 1800)}`), context(`${because ? `because of: ${clip(escape(because), 300)} · ` : ''}${where}`)];
  return message(title, [head, ...(advice ? [adviceBlocks(advice, finding, run)] : []), ...evidence.map(evidenceBlocks)], 'More evidence is in the file, or in a saved case.');
}

function adviceBlocks({ who, commands }: NonNullable<FoundFinding['advice']>, { fix }: FoundFinding, run: string): readonly MessageBlock[] {
  return [
    section(fix ? `*Without the button*, ${escape(who)} can do it by hand:` : `*To do*, by ${escape(who)}:`),
    ...(commands.length > 0 ? [code(commands.join('\n'))] : []),
    ...(fix ? [] : [actions(recheckButton(run))]),
  ];
}

function evidenceBlocks({ command, node, excerpt }: Evidence): readonly MessageBlock[] {
  return [context(`*${escape(node ?? 'API server')}*  ${clip(escape(command), 1500)}`), code(excerpt)];
}

/** What did not fit into the message, as the text of a file; null: it all did. */
export function findingFile({ evidence }: FoundFinding): string | null {
  if (evidence.every(({ excerpt }) => fitsCode(excerpt)) && evidence.reduce((sum, { excerpt }) => sum + excerpt.length, 0) < 7000) return null;
  return evidence.map(({ command, node, at, excerpt }) => `# ${node ?? 'API server'}, ${at}\n$ ${command}\n${excerpt}\n`).join('\n');
}
