/**
 * The program in a process that stays: it runs the command lines that its parent sends, each as a process of its own
 * would, and answers with the exit status and what was printed.
 */
import { z } from 'zod';
import { runProgram } from '../../../src/cli/program.ts';

const requestSchema = z.object({
  id: z.number(),
  argv: z.array(z.string()),
  environment: z.record(z.string(), z.string()),
});

async function answer(message: unknown): Promise<void> {
  const { id, argv, environment } = requestSchema.parse(message);
  const said = { stdout: '', stderr: '' };
  const status = await runProgram(argv, {
    out: (text) => void (said.stdout += text),
    err: (text) => void (said.stderr += text),
    environment,
    signal: new AbortController().signal,
  });
  process.send?.({ id, status, ...said });
}

// What is not handled ends this process, and so fails who waits for an answer.
process.on('message', (message) => void answer(message));
process.on('disconnect', () => process.exit());
