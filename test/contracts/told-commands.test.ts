/** What people are told to type, in docs and by the set-up's checks: the command, its options and the files exist. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { traceOptions } from '../../src/cli/trace-options.ts';
import { silentTree } from '../cli/silent-tree.ts';

const root = resolve(import.meta.dirname, '../..');
const pages = [
  'README.md',
  'docs/install.md',
  'docs/guide.md',
  'docs/security.md',
  ...globSync('deploy/**/README.md', { cwd: root }),
];
const sources = ['src/setup/*.ts', 'src/cli/init/*.ts', 'src/cli/doctor/*.ts', 'src/errors.ts', 'src/model/agent.ts'];
const texts = [...pages, ...sources.flatMap((pattern) => globSync(pattern, { cwd: root }))].map(
  (path) => [path, readFileSync(`${root}/${path}`, 'utf8')] as const,
);

const tree = silentTree();

/** A command that the words begin with, such as `fix approve`, as far as there is one. */
function named([first, ...rest]: readonly string[], parent: Command): Command {
  const child = parent.commands.find((one) => one.name() === first);
  return child ? named(rest, child) : parent;
}

/** Why the program would refuse the words; null: it takes them. */
function refusal(words: readonly string[]): string | null {
  const command = named(words, tree);
  if (command === tree && words[0] !== '--help' && words[0] !== '--version') return `no command ${words[0]}`;
  // It parses its options by itself.
  const { options } = command.name() === 'trace' ? traceOptions() : command;
  const known = [...options.flatMap(({ long, short }) => [long, short]), '--help', '-h'];
  const unknown = words.filter((word) => /^--?[a-z]/.test(word)).find((word) => !known.includes(word));
  return unknown === undefined ? null : `${command.name()} has no option ${unknown}`;
}

const words = String.raw`calico-chatops ([a-z-][^\`\n'"|;<>.…,:)\\]{0,200})`;
const inBlocks = new RegExp(`^(?:kubectl .{1,80} -- )?${words}`, 'gm');
const inPages = new RegExp(`\`${words}`, 'g');
const inSources = new RegExp(`(?:Run |'\\d\\. |run )${words}`, 'g');

/** Commands of pages in code and in blocks, and those of sources that a person shall run. */
function typed(path: string, text: string): readonly (readonly string[])[] {
  const blocks = [...text.matchAll(/^ *```sh\n([\s\S]{0,3000}?)^ *```/gm)].map(([, block = '']) => block);
  const found = path.endsWith('.md')
    ? [...text.matchAll(inPages), ...blocks.flatMap((block) => [...block.replaceAll(/^ +/gm, '').matchAll(inBlocks)])]
    : [...text.matchAll(inSources)];
  return found.map(([, rest = '']) => rest.trim().split(/\s+/).slice(0, 12));
}

test('every command of the program that is told exists, with its options', () => {
  const told = texts.flatMap(([path, text]) => typed(path, text).map((words) => [path, words] as const));
  expect(told.length).toBeGreaterThan(25);
  const wrong = told.flatMap(([path, words]) => {
    const why = refusal(words);
    return why === null ? [] : [`${path}: calico-chatops ${words.join(' ')}: ${why}`];
  });
  expect(wrong).toEqual([]);
});

test('a command or an option that is not there is noticed', () => {
  expect(refusal(['repair', 'default/mypod'])).toBe('no command repair');
  expect(refusal(['diagnose', 'default/mypod', '--frm', 'x'])).toBe('diagnose has no option --frm');
  expect(refusal(['fix', 'approve', 'p-1', '--as', 'alice'])).toBeNull();
});

test('every file of deploy/ that is told to be applied or run exists', () => {
  const paths = texts.flatMap(([page, text]) =>
    [...text.matchAll(/(?:-f |Run |run |`|with )(deploy\/[\w./-]{1,80}\w\/?)/g)].map(
      ([, path = '']) => [page, path] as const,
    ),
  );
  expect(paths.length).toBeGreaterThan(15);
  // It is made by a person, beside the files that are there.
  const made = new Set(['deploy/secrets']);
  expect(paths.filter(([, path]) => !existsSync(`${root}/${path}`) && !made.has(path))).toEqual([]);
});

/** Tools that many machines lack, and what does the same nearly everywhere. */
const rare =
  /\b(?:nc -z|nc -vz|ncat |telnet |nmap |dig |nslookup |netstat |ifconfig |route -n|jq |traceroute |mtr |lsof |wget )/;

test('no told command needs a tool that many machines lack', () => {
  const golden = readFileSync(`${root}/test/golden/texts.md`, 'utf8');
  const told = [golden, ...texts.map(([, text]) => text)].flatMap((text) => text.split('\n'));
  expect(told.length).toBeGreaterThan(1000);
  expect(told.filter((text) => rare.test(text))).toEqual([]);
  expect('Run nc -vz NODE 22 where the bot runs').toMatch(rare);
});
