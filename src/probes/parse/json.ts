import { LookError } from '../../model/look-error.ts';

/** @throws LookError not-parsed, with the beginning of what was there instead. */
export function parseJson<T>(text: string, what: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new LookError('not-parsed', `${what} is not JSON: ${text.slice(0, 120).trim() || '(empty)'}`);
  }
}
