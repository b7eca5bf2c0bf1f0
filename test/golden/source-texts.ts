/** Sentences that stand in the source itself: reasons, errors, answers. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseSync } from '@swc/core';
import { rules } from '../../src/rules/registry.ts';

const src = resolve(import.meta.dirname, '../../src');
/** Text is prose when it has a few words one after the other. */
const prose = /[a-z]{2,},? [a-z']+[,:;]? [a-z']{2,}/i;
/** Scripts that run on nodes or in Redis. */
const script = /redis\.call|\bthen\b.*\bfi\b|\bdone$|^\s*(?:sh|set|exec|ip|nft|tcpdump) -|2>|\$\(|\$\{/s;

/** Texts of rules that stand in the file with example data. */
const shownWithData: ReadonlySet<string> = new Set(
  rules.flatMap(({ description, messages, advice }) => [
    description,
    ...Object.values(messages).flatMap(({ title, detail }) => [title, detail]),
    ...(advice ? [advice.who, ...advice.commands] : []),
  ]),
);

interface Node {
  readonly type?: string;
  readonly value?: unknown;
  readonly quasis?: readonly { readonly cooked?: string; readonly raw?: string }[];
  readonly expressions?: readonly unknown[];
  readonly operator?: string;
  readonly left?: Node;
  readonly right?: Node;
}

/** A literal, or some that are added up over several lines: its text, and what a program puts in. Null: neither. */
function literal({ type, value, quasis, expressions, operator, left, right }: Node): Literal | null {
  if (type === 'StringLiteral' && typeof value === 'string') return { text: value, inner: [] };
  if (type === 'TemplateLiteral')
    return {
      text: (quasis ?? []).map(({ cooked, raw }) => cooked ?? raw ?? '').join('{…}'),
      inner: expressions ?? [],
    };
  if (type !== 'BinaryExpression' || operator !== '+' || !left || !right) return null;
  const [one, two] = [literal(left), literal(right)];
  return one && two && { text: one.text + two.text, inner: [...one.inner, ...two.inner] };
}

interface Literal {
  readonly text: string;
  readonly inner: readonly unknown[];
}

/** Returns, for each file with prose in it, its sentences; what a program puts in is `{…}`. */
export function sourceTexts(): readonly string[] {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.toSorted().flatMap((file) => {
    const texts = textsIn(readFileSync(`${src}/${file}`, 'utf8'));
    const found = texts.filter((text) => prose.test(text) && !script.test(text) && !shownWithData.has(text));
    return found.length === 0
      ? []
      : [`### src/${file}`, found.map((text) => `- ${text.replaceAll('\n', '\n  ')}`).join('\n')];
  });
}

function textsIn(code: string): readonly string[] {
  const texts: string[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const whole = literal(node);
    if (whole) texts.push(whole.text.trim());
    Object.values(whole ? whole.inner : node).forEach(visit);
  };
  visit(parseSync(code, { syntax: 'typescript', target: 'es2024' }).body);
  return [...new Set(texts)];
}
