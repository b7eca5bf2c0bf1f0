import { parameterPatterns, type CommandTemplate, type ParameterType } from './command.ts';

/** A placeholder in a token of a template: its name and the type of its values. */
export interface Placeholder {
  readonly name: string;
  readonly type: ParameterType;
}

const placeholderText = /\{([A-Za-z][A-Za-z0-9]*):([a-z]+)\}/g;

function isParameterType(type: string): type is ParameterType {
  return Object.hasOwn(parameterPatterns, type);
}

/**
 * The placeholders of a template, in order, each name once.
 * @throws TypeError for a type that does not exist, and for one name with two types.
 */
export function placeholders(template: CommandTemplate): readonly Placeholder[] {
  const found = new Map<string, Placeholder>();
  for (const [text, name, type] of template.argv.flatMap((token) => [...token.matchAll(placeholderText)])) {
    if (name === undefined || type === undefined || !isParameterType(type)) throw new TypeError(`${text}: no such type`);
    if ((found.get(name)?.type ?? type) !== type) throw new TypeError(`${name} has two types`);
    found.set(name, { name, type });
  }
  return [...found.values()];
}

/**
 * The tokens of a command with its values filled in.
 * @throws TypeError when a value is missing, is not of its type, or has no placeholder.
 */
export function fillTemplate(template: CommandTemplate, params: Readonly<Record<string, string>>): readonly string[] {
  const known = placeholders(template);
  for (const { name, type } of known) {
    const value = params[name];
    if (value === undefined) throw new TypeError(`no value for ${name}`);
    if (!parameterPatterns[type].test(value)) throw new TypeError(`the value of ${name} is no ${type}`);
  }
  const unknown = Object.keys(params).find((name) => !known.some((one) => one.name === name));
  if (unknown !== undefined) throw new TypeError(`takes no ${unknown}`);
  return template.argv.map((token) => token.replaceAll(placeholderText, (_, name: string) => params[name] ?? ''));
}

/** Tokens as a command line that a person can paste into a shell. */
export function commandLine(argv: readonly string[]): string {
  return argv.map((token) => (/^[\w@%+=:,./-]+$/.test(token) ? token : `'${token.replaceAll("'", `'\\''`)}'`)).join(' ');
}
