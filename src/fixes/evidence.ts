import type { Transcript } from '../model/command.ts';
import { evidenceOf, evidenceOfAnswer } from '../model/evidence-of.ts';
import type { Evidence } from '../model/evidence.ts';
import type { ApiAnswer } from '../model/ports.ts';

/** The audit record keeps everything that a fix ran: a little of each. */
const shownCharacters = 2000;

/** A command that a fix ran, for the audit record. */
export function ranCommand(transcript: Transcript): Evidence {
  return evidenceOf(transcript, undefined, shownCharacters);
}

/** A request that a fix made, for the audit record. */
export function madeRequest(answer: ApiAnswer<unknown>): Evidence {
  return evidenceOfAnswer(answer, answer.ok ? 'accepted' : `${answer.status ?? 'no answer'}: ${answer.reason}`);
}
