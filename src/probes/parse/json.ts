import { LookError } from '../../model/look-error.ts';

/** @throws LookError not-parsed, with the beginning of what was there instead. */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new LookError('not-parsed', `${what} is not JSON: ${text.slice(0, 120).trim() || '(empty)'}`);
  }
}
