import type { UnavailableCode } from './evidence.ts';

/** A look that did not happen or whose outcome is unknown. Becomes an unavailable fact with this code and reason. */
export class LookError extends Error {
  readonly code: UnavailableCode;
  constructor(code: UnavailableCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'LookError';
    this.code = code;
  }
}
