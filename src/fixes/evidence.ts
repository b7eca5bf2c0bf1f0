import type { Transcript } from '../model/command.ts';
import type { Evidence } from '../model/evidence.ts';
import type { ApiAnswer } from '../model/ports.ts';

const shownCharacters = 2000;

/** A command that a fix ran, for the audit record. */
export function ranCommand({ command, node, at, exit, stdout, stderr, file }: Transcript): Evidence {
  return { command, node, at, excerpt: `${stdout}${stderr}`.trim().slice(0, shownCharacters) || `(nothing printed, exit ${exit ?? 'unknown'})`, file };
}

/** A request that a fix made, for the audit record. */
export function madeRequest(answer: ApiAnswer<unknown>): Evidence {
  return { command: answer.request, node: null, at: answer.at, excerpt: answer.ok ? 'accepted' : `${answer.status ?? 'no answer'}: ${answer.reason}`, file: null };
}
