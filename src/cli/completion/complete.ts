import type { Command, Option } from 'commander';
import { exitCode, type Surroundings } from '../output.ts';
import { traceOptions } from '../trace-options.ts';
import { argumentValues, optionValues } from './values.ts';

/**
 * `calico-chatops __complete -- WORD…`: prints what may stand for the last word, a line each. Nothing is said about
 * what cannot be known now: a shell would show it as a candidate.
 */
export async function completeCommand(
  root: Command,
  words: readonly string[],
  { out, environment }: Pick<Surroundings, 'out' | 'environment'>,
): Promise<number> {
  const before = words.slice(0, -1);
  const current = words.at(-1) ?? '';
  const found = await candidates(root, before, current, environment).catch(() => []);
  out(
    found
      .filter((one) => one.startsWith(current))
      .map((one) => `${one}\n`)
      .join(''),
  );
  return exitCode.done;
}

async function candidates(
  root: Command,
  before: readonly string[],
  current: string,
  environment: Surroundings['environment'],
): Promise<readonly string[]> {
  const { command, path, given } = walked(root, before);
  const open = optionOf(command, before.at(-1) ?? '');
  if (open && !open.isBoolean()) return open.argChoices ?? optionValues(open.long ?? '', current, given, environment);
  if (current.startsWith('-')) return [...command.options.flatMap(flagsOf), '--help'];
  const verbs = command.commands.map((one) => one.name()).filter((name) => !name.startsWith('_'));
  return verbs.length > 0 ? verbs : argumentValues(path, current, given, environment);
}

interface Walked {
  readonly command: Command;
  /** Its words, such as `fix show`. */
  readonly path: string;
  /** Values of options so far, by their long names without dashes. */
  readonly given: Readonly<Record<string, string>>;
}

function walked(root: Command, words: readonly string[]): Walked {
  let [command, path] = [root, ''];
  const given: Record<string, string> = {};
  for (const [at, word] of words.entries()) {
    const option = optionOf(command, word);
    const value = words[at + 1];
    if (option && !option.isBoolean() && value !== undefined) given[option.name()] = value;
    const child = command.commands.find((one) => one.name() === word);
    if (!child) continue;
    command = child.name() === 'trace' ? traceOptions() : child;
    path = `${path} ${word}`.trim();
  }
  return { command, path, given };
}

const optionOf = (command: Command, word: string): Option | undefined =>
  command.options.find(({ short, long }) => word === short || word === long);

const flagsOf = ({ long }: Option): readonly string[] => (long ? [long] : []);
