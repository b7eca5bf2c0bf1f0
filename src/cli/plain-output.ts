/** How text of others leaves a command: nothing in it acts on a terminal or looks like a line of ours. */
import { oneLine, plainJson, visible } from '../model/plain-text.ts';
import type { Surroundings } from './output.ts';

/**
 * Everything that leaves a command goes through here: a terminal acts on nothing that a cluster or a node wrote. Line
 * feeds pass; `line` keeps those of others out of our lines.
 */
export function plainOutput<T extends Pick<Surroundings, 'out' | 'err'>>(to: T): T {
  return { ...to, out: (text: string) => to.out(visible(text)), err: (text: string) => to.err(visible(text)) };
}

/** Returns a line of ours. What is put in is text of others, and cannot begin a line of its own. */
export function line(literals: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return literals.reduce((text, literal, index) => `${text}${oneLine(String(values[index - 1] ?? ''))}${literal}`);
}

/** Returns text of others as lines of their own, each behind a mark of ours. */
export function marked(mark: string, text: string): readonly string[] {
  return text.split('\n').map((one) => `${mark}${visible(one)}`);
}

/** Returns a value as an indented JSON document. */
export function jsonDocument(value: unknown): string {
  return `${plainJson(JSON.stringify(value, null, 2))}\n`;
}
