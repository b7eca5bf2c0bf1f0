import { pino } from 'pino';
import { redactJson, redactText } from '../model/redact.ts';

export interface Log {
  info(text: string): void;
  warn(what: string, error?: unknown): void;
  error(what: string, error?: unknown): void;
}

/** Log lines as JSON on standard error, without secrets. Of an error its name, message and stack are told, never what hangs on it. */
export function createLog(): Log {
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2, sync: true }));
  return {
    info: (text) => log.info(redactText(text)),
    warn: (what, error) => log.warn(redactJson(fields(error)), redactText(what)),
    error: (what, error) => log.error(redactJson(fields(error)), redactText(what)),
  };
}

function fields(error: unknown): object {
  if (error === undefined) return {};
  if (!(error instanceof Error)) return { error: JSON.stringify(error, (_, one: unknown) => (typeof one === 'string' ? redactText(one) : one)) ?? typeof error };
  return { error: error.message, kind: error.name, stack: error.stack, ...(error.cause instanceof Error ? { cause: error.cause.message } : {}) };
}
