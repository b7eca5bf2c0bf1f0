/** Every regular expression of src/, found in its syntax trees: literals, and those built from constant text. */
import { parseSync } from '@swc/core';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface FoundPattern {
  /** Path from the root of the repository. */
  readonly file: string;
  readonly source: string;
  readonly flags: string;
}
export interface FoundPatterns {
  readonly patterns: readonly FoundPattern[];
  /** Where a pattern is built from what is known at run time only, so that nobody can try it. */
  readonly builtFromData: readonly string[];
  readonly files: number;
}

type Node = { readonly type: string; readonly [key: string]: unknown };
type Constants = ReadonlyMap<string, Node>;

/** @param root of the repository */
export function patternsIn(root: string): FoundPatterns {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `src/${name}`)
    .toSorted();
  const found = files.map((file) => patternsOf(readFileSync(join(root, file), 'utf8'), file));
  return {
    patterns: found.flatMap(({ patterns }) => patterns),
    builtFromData: found.flatMap(({ builtFromData }) => builtFromData),
    files: files.length,
  };
}

/** The patterns of one module. */
export function patternsOf(text: string, file: string): Omit<FoundPatterns, 'files'> {
  const module = parseSync(text, { syntax: 'typescript', target: 'es2024' }) as unknown as Node;
  const constants: Constants = new Map(
    nodesIn(module).flatMap(({ type, id, init }) =>
      type === 'VariableDeclarator' && isNode(id) && isNode(init) ? [[String(id['value']), init]] : [],
    ),
  );
  const patterns: FoundPattern[] = [];
  const builtFromData: string[] = [];
  for (const node of nodesIn(module)) {
    if (node.type === 'RegExpLiteral')
      patterns.push({ file, source: String(node['pattern']), flags: String(node['flags']) });
    if (
      (node.type !== 'NewExpression' && node.type !== 'CallExpression') ||
      !isNode(node['callee']) ||
      node['callee']['value'] !== 'RegExp'
    )
      continue;
    const [source, flags = ''] = ((node['arguments'] ?? []) as readonly { readonly expression: Node }[]).map(
      ({ expression }) => textOf(expression, constants),
    );
    if (source === undefined || source === null || flags === null) builtFromData.push(file);
    else patterns.push({ file, source, flags });
  }
  return { patterns, builtFromData };
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

function nodesIn(value: unknown): readonly Node[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.values(value).flatMap(nodesIn);
  return isNode(value) ? [value, ...inside] : inside;
}

/** The text that an expression always has; null where that is not known. */
function textOf(node: Node, constants: Constants): string | null {
  switch (node.type) {
    case 'StringLiteral':
      return String(node['value']);
    case 'Identifier':
      return constants.has(String(node['value']))
        ? textOf(constants.get(String(node['value'])) as Node, constants)
        : null;
    case 'TemplateLiteral':
      return template(node, constants, 'cooked');
    case 'TaggedTemplateExpression':
      return template(node['template'] as Node, constants, 'raw');
    case 'CallExpression':
      return joined(node, constants);
    case 'BinaryExpression': {
      const parts = [node['left'], node['right']].map((part) => textOf(part as Node, constants));
      return node['operator'] !== '+' || parts.includes(null) ? null : parts.join('');
    }
    default:
      return null;
  }
}

function template(node: Node, constants: Constants, form: 'cooked' | 'raw'): string | null {
  const texts = (node['quasis'] as readonly Node[]).map((quasi) => String(quasi[form]));
  const values = (node['expressions'] as readonly Node[]).map((expression) => textOf(expression, constants));
  return values.includes(null) ? null : texts.map((text, at) => `${text}${values[at] ?? ''}`).join('');
}

/** `[…].join('|')`, also of a list with a name */
function joined(node: Node, constants: Constants): string | null {
  const { object: of, property } = node['callee'] as { object?: Node; property?: Node };
  const object = of?.type === 'Identifier' ? constants.get(String(of['value'])) : of;
  if (object?.type !== 'ArrayExpression' || property?.['value'] !== 'join') return null;
  const [separator] = (node['arguments'] as readonly { readonly expression: Node }[]).map(({ expression }) =>
    textOf(expression, constants),
  );
  const parts = (object['elements'] as readonly { readonly expression: Node }[]).map(({ expression }) =>
    textOf(expression, constants),
  );
  return separator === undefined || separator === null || parts.includes(null) ? null : parts.join(separator);
}
