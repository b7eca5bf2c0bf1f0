import { createInterface } from 'node:readline';

/** Asks a person at a terminal. */
export interface Questions {
  /** Returns the line that was typed; null: the person ended it, by Ctrl-C or Ctrl-D, or the program is told to end. */
  readonly ask: (question: string) => Promise<string | null>;
  readonly close: () => void;
}

/** Opens questions on a terminal. What is typed ahead of a question answers it. */
export function terminalQuestions(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  signal: AbortSignal,
): Questions {
  const reader = createInterface({ input, output });
  const typed: string[] = [];
  let ended = signal.aborted;
  let wake: (() => void) | null = null;
  const end = () => {
    ended = true;
    wake?.();
  };
  reader.on('line', (text) => {
    typed.push(text);
    wake?.();
  });
  reader.once('SIGINT', end);
  reader.once('close', end);
  signal.addEventListener('abort', end);
  return {
    ask: async (question) => {
      if (ended && typed.length === 0) return null;
      reader.setPrompt(question);
      reader.prompt();
      if (typed.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      const text = typed.shift();
      // The cursor stands behind the question.
      if (text === undefined) output.write('\n');
      return text ?? null;
    },
    close: () => {
      signal.removeEventListener('abort', end);
      reader.close();
    },
  };
}
