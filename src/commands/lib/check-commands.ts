import type { Command } from '../../model/command.ts';
import { placeholders } from '../../model/command-line.ts';

/**
 * Returns the commands as they are, when the helper on a node can take all of them.
 * @throws TypeError for a command that it could not take, for two of one id, and for two that are the same
 */
export function checkCommands(commands: readonly Command[]): readonly Command[] {
  for (const command of commands) check(command);
  const [ids, idOf] = [new Set<string>(), new Map<string, string>()];
  for (const { id, ...template } of commands) {
    if (ids.has(id)) throw new TypeError(`two commands have the id ${id}`);
    const text = JSON.stringify(template);
    const twin = idOf.get(text);
    if (twin !== undefined) throw new TypeError(`${id} and ${twin} are one command`);
    ids.add(id);
    idOf.set(text, id);
  }
  return commands;
}

function check(template: Command): void {
  const { id } = template;
  const refuse = (why: string): never => {
    throw new TypeError(`${id}: ${why}`);
  };
  placeholders(template);
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(id)) refuse('not an id');
  if (template.argv.length === 0) refuse('no command');
  if (template.timeoutSeconds < 1 || template.timeoutSeconds > 60 || !Number.isInteger(template.timeoutSeconds))
    refuse('needs 1 to 60 seconds');
  if (template.maxBytes < 1 || template.maxBytes > 33_554_432) refuse('needs a limit of output of at most 32 MiB');
  for (const text of [...template.argv, template.readyWhen ?? '-', template.input ?? '-']) {
    if (!/^[^\t\n\r\0]+$/.test(text)) refuse('an empty token, or a tab or line end in one');
  }
  if (template.input !== undefined && !isDocument(template.input))
    refuse('an input that is not a JSON object with placeholders inside its strings');
  if (template.argv[0]?.includes('{') === true) refuse('a value chooses the program');
  const scripts = template.argv.filter(
    (_, index) => template.argv[index - 1] === '-c' && /(?:^|\/)(?:ba|da)?sh$/.test(template.argv[index - 2] ?? ''),
  );
  // A shell would read a value as part of its script; digits and dots mean nothing to it.
  if (scripts.some((script) => /\{\w+:(?!address|number|hex)[a-z]+\}/.test(script)))
    refuse('a value inside a script: pass it as an argument');
}

/** Whether values can only ever be text in it: it is an object when every placeholder is taken for a word. */
function isDocument(input: string): boolean {
  const inString = input.replaceAll(/\{,\w+:[a-z]+\}/g, '').replaceAll(/"[^"\\]*"/g, '');
  if (/\{\w+:[a-z]+\}/.test(inString)) return false;
  try {
    const parsed: unknown = JSON.parse(
      input.replaceAll(/\{(,?)\w+:[a-z]+\}/g, (_, list: string) => (list === ',' ? ',"key":"value"' : 'value')),
    );
    return typeof parsed === 'object' && parsed !== null;
  } catch {
    return false;
  }
}
