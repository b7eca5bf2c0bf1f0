import type { Transcript } from '../model/command.ts';
import { unavailable, type Evidence, type Unavailable, type UnavailableCode } from '../model/evidence.ts';
import { LookError } from '../model/look-error.ts';
import type { ApiAnswer, RememberedTarget } from '../model/ports.ts';

/** Kept with a fact; a finding shows fewer (the lines that its rule picks). */
const keptLines = 400;

/** The lines of a transcript that matter: those that match, or the first ones. */
export function evidenceOf(transcript: Transcript, matching?: RegExp): Evidence {
  const text = transcript.exit === 0 ? transcript.stdout || transcript.stderr : `${transcript.stdout.trimEnd()}\n${transcript.stderr}`;
  const { kept, more } = linesOf(text, matching);
  return {
    command: transcript.command,
    node: transcript.node,
    at: transcript.at,
    excerpt: [...kept, ...(more > 0 ? [`… ${more} more lines`] : [])].join('\n') || `(nothing printed, exit ${transcript.exit ?? 'unknown'})`,
    file: transcript.file,
  };
}

/** The first lines that are kept, and the number of those that are not. A save of 100,000 rules is not cut into lines for it. */
function linesOf(text: string, matching: RegExp | undefined): { readonly kept: readonly string[]; readonly more: number } {
  const kept: string[] = [];
  let more = 0;
  for (let at = 0; at < text.length; ) {
    const found = text.indexOf('\n', at);
    const end = found === -1 ? text.length : found;
    if (kept.length < keptLines || matching) {
      const line = text.slice(at, end);
      const counts = line.trim() !== '' && (!matching || matching.test(line));
      if (counts && kept.length < keptLines) kept.push(line);
      else if (counts) more += 1;
    } else if (hasInk(text, at, end)) {
      more += 1;
    }
    at = end + 1;
  }
  return { kept, more };
}

function hasInk(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (text.charCodeAt(at) > 0x20) return true;
  return false;
}

export function evidenceOfAnswer(answer: ApiAnswer<unknown>, excerpt: string): Evidence {
  return { command: answer.request, node: null, at: answer.at, excerpt, file: null };
}

/**
 * The standard output of a command that must have succeeded.
 * @param answers exit codes that are answers (pgrep's 1: there is none)
 * @throws LookError timeout, output-too-large or command-failed.
 */
export function outputOf(transcript: Transcript, answers: readonly number[] = [0]): string {
  if (transcript.timedOut) throw new LookError('timeout', `${transcript.command} did not end in time`);
  if (transcript.truncated) throw new LookError('output-too-large', `${transcript.command} printed more than may be read`);
  if (transcript.exit === null || !answers.includes(transcript.exit)) throw new LookError('command-failed', `${transcript.command}: exit ${transcript.exit ?? 'unknown'}: ${lastLine(transcript.stderr || transcript.stdout)}`);
  return transcript.stdout;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
}

/** The API server does not answer; this is what an earlier run saw. */
export function rememberedEvidence(answer: ApiAnswer<unknown> & { ok: false }, known: RememberedTarget): Evidence {
  return evidenceOfAnswer(answer, `${answer.reason}; going on with what was seen at ${known.at}`);
}

/** An API answer that brought nothing, as a missing fact. */
export function unavailableAnswer(answer: ApiAnswer<unknown> & { ok: false }): Unavailable {
  const code: UnavailableCode = answer.status === null ? 'api-unreachable' : answer.status === 404 ? 'api-not-found' : answer.status === 401 || answer.status === 403 ? 'api-forbidden' : 'command-failed';
  return unavailable(code, `${answer.request}: ${answer.reason}`, [evidenceOfAnswer(answer, answer.reason)]);
}
