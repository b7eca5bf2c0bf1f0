/** Help of every command: with examples, and there at once. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { examplesOf } from '../../src/cli/examples.ts';
import { main, program } from './program.ts';
import { silentTree } from './silent-tree.ts';

const tree = silentTree();

/** The words that lead to each command that a person may call; none: the program itself. */
function pathsOf(command: Command, words: readonly string[] = []): readonly (readonly string[])[] {
  const children = command.commands.filter((one) => !one.name().startsWith('__'));
  return [words, ...children.flatMap((child) => pathsOf(child, [...words, child.name()]))];
}
const paths = pathsOf(tree);

test('every command is walked', () => {
  expect(paths.map((words) => words.join(' '))).toEqual(
    expect.arrayContaining(['', 'diagnose', 'fix approve', 'audit verify', 'config schema', 'trace', 'version']),
  );
});

test.each(paths.map((words) => [`calico-chatops ${words.join(' ')}`.trim(), words] as const))(
  '%s --help ends with examples of it',
  async (command, words) => {
    const { exit, out } = await program([...words, '--help']);
    expect(exit).toBe(0);
    const [, examples = ''] = out.split(/\nExamples?:\n/);
    expect(examples).toContain(command);
    expect(examplesOf(words.join(' ')).length).toBeGreaterThan(0);
  },
);

/** Notes which packages are asked for. */
const watch = `import { registerHooks } from 'node:module';
const seen = new Set();
registerHooks({
  resolve(name, context, next) {
    const found = next(name, context);
    const [, one] = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)\\//.exec(found.url) ?? [];
    if (one) seen.add(one);
    return found;
  },
});
process.on('exit', () => process.stderr.write(JSON.stringify([...seen].sort())));
`;

test.each([[['--help']], [['diagnose', '--help']], [['version']], [['completion', 'bash']], [['explain']]])(
  '%j loads neither an SDK nor what reads a cluster, each of which costs more than the answer',
  async (argv) => {
    const folder = await mkdtemp(join(tmpdir(), 'cc-help-'));
    try {
      const hook = join(folder, 'watch.mjs');
      await writeFile(hook, watch);
      const { stderr } = await promisify(execFile)(process.execPath, ['--import', hook, main, ...argv]);
      expect(JSON.parse(stderr)).toEqual(['commander', 'yaml']);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
