import type { Transcript } from '../../model/command.ts';
import { evidenceOfAnswer } from '../../model/evidence-of.ts';
import { unavailable, type Evidence, type Gap, type Unavailable, type UnavailableCode } from '../../model/evidence.ts';
import { LookError } from '../../model/look-error.ts';
import { toolWords, unrunTool } from '../../model/node-tools.ts';
import type { ApiAnswer, RememberedTarget } from '../../model/ports.ts';

/** The look that a node could not make for want of a program; null: its program ran. */
export function toolError(transcript: Transcript): LookError | null {
  const unrun = unrunTool(transcript);
  return unrun && new LookError(`tool-${unrun.state}`, toolWords(unrun, transcript.node));
}

/** A look that the rest can do without. */
export function gapOf({ code, message }: LookError, node: string | null): Gap {
  return { code, reason: message, node };
}

/**
 * The standard output of a command that must have succeeded.
 * @param answers exit codes that are answers (pgrep's 1: there is none)
 * @throws LookError timeout, output-too-large, tool-missing, tool-refused or command-failed.
 */
export function outputOf(transcript: Transcript, answers: readonly number[] = [0]): string {
  if (transcript.timedOut) throw new LookError('timeout', `${transcript.command} did not end in time`);
  if (transcript.truncated)
    throw new LookError('output-too-large', `${transcript.command} printed more than may be read`);
  if (transcript.exit === null || !answers.includes(transcript.exit))
    throw toolError(transcript) ?? new LookError('command-failed', failure(transcript));
  return transcript.stdout;
}

function failure({ command, exit, stdout, stderr }: Transcript): string {
  return `${command}: exit ${exit ?? 'unknown'}: ${tellingLine(stderr || stdout)}`;
}

/** Lines with which programs end that say nothing of the cause. */
const hint = /^Perhaps |^Try [`']|^usage:|^For more information|^\s*\^[\s^~]*$/i;

/** The line that says what went wrong: the first that calls itself an error, else the last that is no hint. */
function tellingLine(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !hint.test(line));
  return (lines.find((line) => /^error\b/i.test(line)) ?? lines.at(-1) ?? '').slice(0, 300);
}

/** The API server does not answer; this is what an earlier run saw. */
export function rememberedEvidence(answer: ApiAnswer<unknown> & { ok: false }, known: RememberedTarget): Evidence {
  return evidenceOfAnswer(answer, `${answer.reason}; going on with what was seen at ${known.at}`);
}

/** An API answer that brought nothing, as a missing fact. */
export function unavailableAnswer(answer: ApiAnswer<unknown> & { ok: false }): Unavailable {
  const code: UnavailableCode =
    answer.status === null
      ? 'api-unreachable'
      : answer.status === 404
        ? 'api-not-found'
        : answer.status === 401 || answer.status === 403
          ? 'api-forbidden'
          : 'command-failed';
  return unavailable(code, `${answer.request}: ${answer.reason}`, [evidenceOfAnswer(answer, answer.reason)]);
}
