import {
  isOfType,
  mostPairs,
  pairTypes,
  parameterPatterns,
  type CommandTemplate,
  type ParameterType,
} from './command.ts';

/** A placeholder of a template: its name, and the type of its values. */
export interface Placeholder {
  readonly name: string;
  readonly type: ParameterType;
  /** Takes any number of values, up to the limit. */
  readonly list: boolean;
}

const placeholderText = /\{(,?)([A-Za-z][A-Za-z0-9]*):([a-z]+)\}/g;

function isParameterType(type: string): type is ParameterType {
  return Object.hasOwn(parameterPatterns, type);
}

/**
 * The placeholders of a template, in order, each name once.
 * @throws TypeError for a type that does not exist, for one name with two types, and for a list outside the input
 */
export function placeholders(template: CommandTemplate): readonly Placeholder[] {
  const found = new Map<string, Placeholder>();
  const add = (text: string, lists: boolean) => {
    for (const [shown, comma, name, type] of text.matchAll(placeholderText)) {
      if (name === undefined || type === undefined || !isParameterType(type))
        throw new TypeError(`${shown}: no such type`);
      const list = comma === ',';
      if (list && !lists) throw new TypeError(`${shown}: a list outside the input`);
      if (list !== pairTypes.has(type)) throw new TypeError(`${shown}: pairs are for lists, and lists for pairs`);
      if ((found.get(name)?.type ?? type) !== type) throw new TypeError(`${name} has two types`);
      found.set(name, { name, type, list });
    }
  };
  for (const token of template.argv) add(token, false);
  add(template.input ?? '', true);
  return [...found.values()];
}

/** A template with its values filled in. */
export interface FilledTemplate {
  readonly argv: readonly string[];
  /** What it reads on standard input; null for nothing. */
  readonly input: string | null;
}

/**
 * Fills in the values, as the node's helper does.
 * @throws TypeError when a value is missing, is not of its type, is given twice in a list, or has no placeholder
 */
export function fillTemplate(template: CommandTemplate, params: Readonly<Record<string, string>>): FilledTemplate {
  const known = placeholders(template);
  for (const { name, type, list } of known) {
    const value = params[name];
    if (value === undefined) throw new TypeError(`no value for ${name}`);
    const values = list ? pairsOf(value) : [value];
    if (values.length > mostPairs) throw new TypeError(`more than ${mostPairs} values of ${name}`);
    if (!values.every((one) => isOfType(type, one))) throw new TypeError(`the value of ${name} is no ${type}`);
  }
  const unknown = Object.keys(params).find((name) => !known.some((one) => one.name === name));
  if (unknown !== undefined) throw new TypeError(`takes no ${unknown}`);
  const fill = (text: string) =>
    text.replaceAll(placeholderText, (_, comma: string, name: string, _type: string, offset: number) =>
      comma === ',' ? members(params[name] ?? '', text.slice(0, offset)) : (params[name] ?? ''),
    );
  return { argv: template.argv.map(fill), input: template.input === undefined ? null : fill(template.input) };
}

function pairsOf(value: string): readonly string[] {
  return value === '' ? [] : value.split(',');
}

/** @throws TypeError for a key that is there already: readers of the document do not agree which of the two counts. */
function members(pairs: string, before: string): string {
  let text = '';
  for (const pair of pairsOf(pairs)) {
    const [key = ''] = pair.split('=', 1);
    if (`${before}${text}`.includes(`"${key}":`)) throw new TypeError(`${key} is given twice`);
    text += `,"${key}":"${pair.slice(key.length + 1)}"`;
  }
  return text;
}

function quoted(token: string): string {
  return /^[\w@%+=:,./-]+$/.test(token) ? token : `'${token.replaceAll("'", `'\\''`)}'`;
}

/** Tokens as a command line that a person can paste into a shell, with what it reads on standard input. */
export function commandLine(argv: readonly string[], input: string | null = null): string {
  return [...argv.map(quoted), ...(input === null ? [] : [`<<<${quoted(input)}`])].join(' ');
}
