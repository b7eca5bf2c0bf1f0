/**
 * The lab's command line: `VERB [--name N] [flags] [-- CMD…]`.
 */

/** A command line that cannot be served: exit status 3. */
export class UsageError extends Error {}

/** What a verb was given. `command` is everything after `--`, untouched. */
export type Invocation = {
  verb: string;
  name: string;
  flags: Map<string, string>;
  words: string[];
  command: string[];
};

const flagsWithoutValue = new Set(['json', 'real', 'apart', 'typha']);

/**
 * Splits the arguments of one invocation.
 * @throws UsageError for a flag without its value or a name that cannot prefix a namespace.
 */
export function parseInvocation(argv: string[]): Invocation {
  const [verb = 'help', ...rest] = argv;
  const separator = rest.indexOf('--');
  const own = separator < 0 ? rest : rest.slice(0, separator);
  const command = separator < 0 ? [] : rest.slice(separator + 1);
  const flags = new Map<string, string>();
  const words: string[] = [];
  for (let at = 0; at < own.length; at++) {
    const word = own[at] ?? '';
    if (!word.startsWith('--')) {
      words.push(word);
      continue;
    }
    const [flag = '', inline] = word.slice(2).split(/=(.*)/s);
    const value = inline ?? (flagsWithoutValue.has(flag) ? 'true' : own[++at]);
    if (value === undefined) throw new UsageError(`--${flag} needs a value`);
    flags.set(flag, value);
  }
  const name = flags.get('name') ?? 'lab';
  if (!/^(?!.*-(pod|node)-)[a-z][a-z0-9-]{0,39}$/.test(name))
    throw new UsageError(`--name ${name}: small letters, digits and dashes, 40 at most`);
  flags.delete('name');
  return { verb, name, flags, words, command };
}

/** Refuses flags that a verb does not have. */
export function allowFlags(invocation: Invocation, allowed: string[]): void {
  for (const flag of invocation.flags.keys()) {
    if (!allowed.includes(flag)) throw new UsageError(`${invocation.verb} has no flag --${flag}`);
  }
}
