import { CommanderError } from 'commander';
import { walkHook } from '../ruleset/walk/walk-hook.ts';
import { readRules, readSets, TraceFileError } from './trace-files.ts';
import { parseTraceOptions } from './trace-options.ts';
import { traceDocument, traceText } from './trace-report.ts';
import { documentOf, line } from './plain-output.ts';

export interface TraceOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** A command that failed, or that saves a backend which the node does not use, writes no table. */
const emptySave =
  'there is no table in the saved rules, so nothing can be decided. Run iptables-legacy-save, iptables-nft-save and ' +
  'nft -j list ruleset on the node as root: which one prints its rules?';

const traceExit = { decided: 0, unknown: 2, usage: 3, internal: 4 } as const;

/**
 * `calico-chatops trace`: walks one packet through saved rules.
 * @param argv after the word `trace`
 * @returns the exit code: 0 a decision was reached, 2 unknown, 3 wrong options or files, 4 an error of this program
 */
export async function traceCommand(argv: readonly string[], output: TraceOutput): Promise<number> {
  try {
    const request = parseTraceOptions(argv, output);
    const [rules, sets] = await Promise.all([
      Promise.all(request.rules.map(readRules)),
      Promise.all(request.sets.map(readSets)),
    ]);
    const [first, ...rest] = rules;
    if (!first) return traceExit.usage;
    const ruleSets = [
      {
        ...first,
        sets: [...first.sets, ...sets.flatMap((one) => one.sets)],
        uncertainties: [...first.uncertainties, ...sets.flatMap((one) => one.uncertainties)],
      },
      ...rest,
    ];
    if (ruleSets.every(({ tables }) => tables.length === 0)) throw new TraceFileError(emptySave);
    const result = walkHook(ruleSets, request.packet, request.hook, { node: request.node });
    const { format } = request;
    output.out(format === 'text' ? traceText(result, ruleSets) : documentOf(traceDocument(result, ruleSets), format));
    return result.decision === 'unknown' ? traceExit.unknown : traceExit.decided;
  } catch (error) {
    return failure(error, output);
  }
}

function failure(error: unknown, output: TraceOutput): number {
  // Commander has already told its own errors, and help.
  if (error instanceof CommanderError)
    return error.code === 'commander.helpDisplayed' ? traceExit.decided : traceExit.usage;
  if (error instanceof TraceFileError) {
    output.err(line`error: ${error.message}\n`);
    return traceExit.usage;
  }
  output.err(`internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return traceExit.internal;
}
