/** The workspace accepts what Slack's own package has a type for. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { acceptedAlone, foundInWrong, shippedAlone } from './slack-types.ts';

const root = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'slack-types-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the compiler says of one file; empty: nothing. */
function complaints(file: string): string {
  const project = join(folder, 'tsconfig.json');
  const compilerOptions = { noEmit: true, typeRoots: [join(root, 'node_modules/@types')] };
  writeFileSync(
    project,
    JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: [], files: [file] }),
  );
  try {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/lib/tsc.js'), '-p', project], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return '';
  } catch (error) {
    return String((error as { readonly stdout?: Buffer }).stdout);
  }
}

test('every shape that the workspace accepts has a type, and the compiler says so', () => {
  expect(complaints(join(import.meta.dirname, 'slack-types.ts'))).toBe('');
  expect(Object.keys(acceptedAlone)).toEqual(['block: nonsense']);
  expect(Object.values(shippedAlone)).not.toContain('');
}, 120_000);

test('the compiler refuses a shape that has none', () => {
  const file = join(folder, 'stray.mts');
  const stray = "Strays<{ type: 'divider'; colour: string }, { type: 'divider' }, 'block'>";
  writeFileSync(
    file,
    `import type { Strays } from '${import.meta.dirname}/slack-types.ts';
export const none: Record<${stray}, string> = {};
`,
  );
  expect(complaints(file).match(/error TS.*/g)).toEqual([expect.stringContaining('divider.colour')]);
  expect(Object.keys(foundInWrong)).toHaveLength(7);
}, 120_000);
