/** One command line: what it asks for, and how errors are told. */
import { CommanderError } from 'commander';
import { describeError } from '../errors.ts';
import { redactText } from '../model/redact.ts';
import { askedFormat } from './command-options.ts';
import { commandTree, everyCommand, usageLine } from './commands.ts';
import { exitCode, type DocumentFormat, type Streams } from './output.ts';
import { documentOf, line, plainOutput } from './plain-output.ts';

/**
 * Runs one command line.
 * @param argv what follows the program's name
 * @returns the exit code. Errors are told on standard error: in one line, or as a document where one was asked for. Then
 * standard error holds this document alone, with the notes that came before it.
 */
export async function runProgram(argv: readonly string[], given: Streams): Promise<number> {
  const format = askedFormat(argv);
  let usage = '';
  // Errors quote what nodes and servers said.
  const { err: say } = plainOutput({ ...given, err: (text: string) => given.err(redactText(text)) });
  const notes: string[] = [];
  const surroundings = plainOutput({
    ...given,
    err: format === 'text' ? say : (text: string) => void notes.push(text),
  });
  const { out, err } = surroundings;
  const failed = (error: object) => {
    if (format !== 'text') say(errorDocument(error, notes.splice(0), format));
  };
  try {
    if (argv[0] === 'trace') {
      const { traceCommand } = await import('./trace.ts');
      const keep = (text: string) => void (usage += text);
      const exit = await traceCommand(argv.slice(1), { out, err: format === 'text' ? err : keep });
      if (usage !== '') failed(usageError(usage));
      return exit;
    }
    let exit: number = exitCode.done;
    const root = commandTree(surroundings, (code) => (exit = code));
    if (format !== 'text') {
      const outputError = (text: string) => void (usage = text);
      for (const command of [root, ...everyCommand(root)]) command.configureOutput({ outputError });
    }
    await root.parseAsync([...argv], { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCode.done;
      failed(usageError(usage || error.message));
      return exitCode.usage;
    }
    const { code, message, next, retryable, exit } = describeError(error);
    if (format === 'text') err(line`error: ${message}${/[.?!]$/.test(message) ? '' : '.'} ${next}\n`);
    else failed({ code, message, next, retryable });
    if (code === 'internal' && surroundings.environment['DEBUG'] && error instanceof Error) err(`${error.stack}\n`);
    return exit;
  } finally {
    for (const note of notes) say(note);
  }
}

/** @param said as it is told in text */
function usageError(said: string): object {
  const message = usageLine(said)
    .replace(/^error: /, '')
    .trimEnd();
  return { code: 'usage', message, next: 'See calico-chatops --help.', retryable: false };
}

function errorDocument(error: object, notes: readonly string[], format: DocumentFormat): string {
  return documentOf({ schema: 'calico-chatops/error/v1', error, notes: notes.map((note) => note.trimEnd()) }, format);
}
