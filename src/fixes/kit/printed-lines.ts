import type { Command } from '../../model/command.ts';
import type { FixContext } from '../../model/fix.ts';
import type { OneNode } from '../../model/fix-inputs.ts';
import { LookError } from '../../model/look-error.ts';
import { run, said } from './on-node.ts';
import { unknownOption } from './unknown-option.ts';

/**
 * Runs a command on the fix's node, and returns its lines that are not empty.
 * @throws LookError where the command failed: nothing printed would then say nothing
 */
export async function printedLines(context: FixContext, input: OneNode, command: Command): Promise<readonly string[]> {
  const done = await run(context, input, command);
  const old = unknownOption(done);
  if (old) throw old;
  if (done.exit !== 0 || done.truncated)
    throw new LookError('command-failed', `${command.id}: exit ${done.exit ?? 'unknown'}: ${said(done)}`);
  return done.stdout.split('\n').filter((line) => line.trim() !== '');
}
