import type { Command, Transcript } from '../../model/command.ts';
import { LookError } from '../../model/look-error.ts';
import { outputOf } from './evidence.ts';

export type RunCommand<C extends Command> = (
  command: C,
  params?: Readonly<Record<string, string>>,
) => Promise<Transcript>;

/** Runs a command whose failure costs only what it would have read: an older node may not allow it yet. */
export async function attempt<C extends Command>(
  run: RunCommand<C>,
  command: C,
  params?: Readonly<Record<string, string>>,
): Promise<Transcript | LookError> {
  try {
    return await run(command, params);
  } catch (error) {
    if (error instanceof LookError) return error;
    throw error;
  }
}

/** The output of a command that succeeded, else why there is none. */
export function outputOrWhy(answer: Transcript | LookError): string | LookError {
  if (answer instanceof LookError) return answer;
  try {
    return outputOf(answer);
  } catch (error) {
    if (error instanceof LookError) return error;
    throw error;
  }
}
