/** How text of others leaves a command: nothing in it acts on a terminal or looks like a line of ours. */
import { oneLine, plainJson, visible } from '../model/plain-text.ts';
import { stringify } from 'yaml';
import type { DocumentFormat, Streams, Surroundings } from './output.ts';
import { forTerminal } from './terminal.ts';
import type { Questions } from './terminal-questions.ts';

/**
 * Everything that leaves a command goes through here: a terminal acts on nothing that a cluster or a node wrote. Line
 * feeds pass; `line` keeps those of others out of our lines.
 */
export function plainOutput<T extends Pick<Streams, 'out' | 'err' | 'terminal' | 'status' | 'questions'>>(
  to: T,
): T & PlainOutput {
  const { out, err, terminal = null, status = null, questions = null } = to;
  let shown = false;
  const cleared = () => {
    if (shown) status?.(clearLine);
    shown = false;
  };
  const plain = (write: (text: string) => void) => (text: string) => {
    cleared();
    write(visible(text));
  };
  return {
    ...to,
    out: plain(out),
    err: plain(err),
    told: (text) => {
      cleared();
      out(terminal === null ? visible(text) : forTerminal(visible(text), terminal));
    },
    progress: (text) => {
      cleared();
      if (text === null || status === null) return;
      status(oneLine(text));
      shown = true;
    },
    questions: questions && (() => plainQuestions(questions())),
  };
}

const plainQuestions = ({ ask, close }: Questions): Questions => ({ ask: (question) => ask(oneLine(question)), close });

type PlainOutput = Pick<Surroundings, 'out' | 'err' | 'told' | 'progress' | 'questions'>;

/** To the beginning of the line, and everything in it away. */
const clearLine = '\r\u001B[K';

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

/** Returns a value as a document of the form asked for; text is not one. */
export function documentOf(value: unknown, format: DocumentFormat): string {
  // As JSON has it: without what is undefined.
  return format === 'json' ? jsonDocument(value) : stringify(JSON.parse(JSON.stringify(value)), { lineWidth: 0 });
}
