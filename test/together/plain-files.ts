/** The test files that may share the modules of one process: loading the program costs more than most of them. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const rooms =
  'test/{bot,calico,computed,engine,flow-walks,model,plans,policy,probes,rules,ruleset,runs,setup,support}/**/*.test.ts';
// Hooks of a file would run around the tests of others. Snapshots belong to the file that Jest runs. Modules, timers
// and the environment are everybody's. Costs are measured alone.
const notShared =
  /^(?:before|after)(?:Each|All)\(|^describeAsRoot|\bjest\.|Snapshot\(|\bprocess\.env\b|\bcpuUsage\(|\bperformance\.now\(/m;
const imported = /from '(\.[^']{1,200}\.ts)'/g;

const known = new Map<string, boolean>();
/** Whether neither the file nor what it imports of `test` stands in the way. */
function isPlain(path: string): boolean {
  const before = known.get(path);
  if (before !== undefined) return before;
  known.set(path, true);
  const text = readFileSync(path, 'utf8');
  const helpers = [...text.matchAll(imported)]
    .map(([, to = '']) => resolve(dirname(path), to))
    .filter((to) => to.startsWith(`${root}/test/`));
  const plain = !notShared.test(text) && helpers.every(isPlain);
  known.set(path, plain);
  return plain;
}

/** So many files `part-N.ts` stand here. */
export const parts = 6;

/** Returns their absolute paths, in order. */
export function plainFiles(): readonly string[] {
  return globSync(rooms, { cwd: root })
    .toSorted()
    .map((path) => resolve(root, path))
    .filter(isPlain);
}
