/** Everything that the product says, in one file that a person can read in one sitting: test/golden/texts.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorTable } from '../../src/errors.ts';
import { steps } from '../../src/model/steps.ts';
import { capturedTexts } from './captured-texts.ts';
import { writeGoldenPictures } from './path-pictures.ts';
import { ruleTexts } from './rule-texts.ts';
import { commandTexts, slackTexts } from './sample-texts.ts';
import { sourceTexts } from './source-texts.ts';

export const goldenFile = resolve(import.meta.dirname, 'texts.md');
export const updateCommand = 'npm run golden';

const head = `# Texts

Every text of the product with example data. A change of wording is a diff of this file: read it, then run
\`${updateCommand}\`.`;

/** Returns the whole file as it should be. */
export async function goldenTexts(): Promise<string> {
  return `${[
    head,
    '## Steps',
    ...steps.map(({ id, title }) => `- \`${id}\` ${title}`),
    '## Errors',
    ...Object.entries(errorTable).map(([code, { next, exit }]) => `- \`${code}\` (exit ${exit}) ${next}`),
    '## Rules',
    ...ruleTexts(),
    '## Slack',
    ...slackTexts(),
    '## Threads of captured clusters',
    ...(await capturedTexts()),
    '## Command line',
    ...(await commandTexts()),
    '## Sentences of the source, by file',
    ...sourceTexts(),
  ].join('\n\n')}\n`;
}

/** Returns the first lines in which the file differs, or null where it does not. */
export function firstDifference(wanted: string, got: string): string | null {
  if (wanted === got) return null;
  const [a, b] = [wanted.split('\n'), got.split('\n')];
  const at = a.findIndex((line, index) => line !== b[index]);
  const line = at === -1 ? a.length : at;
  return `line ${line + 1}: "${b[line] ?? ''}" should be "${a[line] ?? ''}". If that is as you want it: ${updateCommand}`;
}

if (import.meta.main) {
  writeFileSync(goldenFile, await goldenTexts());
  writeGoldenPictures();
}

export function keptTexts(): string {
  return readFileSync(goldenFile, 'utf8');
}
