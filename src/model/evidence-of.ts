import type { Transcript } from './command.ts';
import type { Evidence } from './evidence.ts';
import type { ApiAnswer } from './ports.ts';

/** Kept with a fact; a finding shows fewer (the lines that its rule picks). */
const keptLines = 400;

/**
 * The lines of a transcript that matter: those that match, or the first ones.
 * @param mostCharacters of the excerpt, where it is kept for long
 */
export function evidenceOf(
  transcript: Transcript,
  matching?: RegExp,
  mostCharacters = Number.POSITIVE_INFINITY,
): Evidence {
  const text =
    transcript.exit === 0
      ? transcript.stdout || transcript.stderr
      : `${transcript.stdout.trimEnd()}\n${transcript.stderr}`;
  const { kept, more } = linesOf(text, matching);
  const excerpt = [...kept, ...(more > 0 ? [`… ${more} more lines`] : [])].join('\n').slice(0, mostCharacters);
  return {
    command: transcript.command,
    node: transcript.node,
    at: transcript.at,
    excerpt: excerpt || `(nothing printed, exit ${transcript.exit ?? 'unknown'})`,
    file: transcript.file,
  };
}

/**
 * The first lines that are kept, and the number of those that are not. A save of 100,000 rules is not cut into lines
 * for it.
 */
function linesOf(
  text: string,
  matching: RegExp | undefined,
): { readonly kept: readonly string[]; readonly more: number } {
  const kept: string[] = [];
  let more = 0;
  for (let at = 0; at < text.length;) {
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

/** An answer of the API server, in the words given. */
export function evidenceOfAnswer(answer: ApiAnswer<unknown>, excerpt: string): Evidence {
  return { command: answer.request, node: null, at: answer.at, excerpt, file: null };
}
