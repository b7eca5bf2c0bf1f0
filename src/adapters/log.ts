import { pino } from 'pino';
import { redactJson, redactText } from '../model/redact.ts';
import type { AuditRecord } from '../model/audit.ts';
import { plainJson } from '../model/plain-text.ts';

export interface Log {
  info(text: string): void;
  warn(what: string, error?: unknown): void;
  error(what: string, error?: unknown): void;
  /** One record of the audit chain, as it is kept. */
  audit(record: AuditRecord): void;
}

/**
 * Log lines as JSON on standard error, without secrets. Of an error its name, message and stack are told, never what
 * hangs on it.
 */
export function createLog(): Log {
  const standardError = pino.destination({ dest: 2, sync: true });
  const log = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (text: string) => void standardError.write(plainJson(text)) },
  );
  return {
    info: (text) => log.info(redactText(text)),
    warn: (what, error) => log.warn(redactJson(fields(error)), redactText(what)),
    error: (what, error) => log.error(redactJson(fields(error)), redactText(what)),
    // Redacted before it was sealed: a change here would show a record that does not verify.
    audit: (record) => log.info({ audit: record }, `audit: ${String(record.record['what'])}`),
  };
}

function fields(error: unknown): object {
  if (error === undefined) return {};
  if (!(error instanceof Error))
    return {
      error:
        JSON.stringify(error, (_, one: unknown) => (typeof one === 'string' ? redactText(one) : one)) ?? typeof error,
    };
  return {
    error: error.message,
    kind: error.name,
    stack: error.stack,
    ...(error.cause instanceof Error ? { cause: error.cause.message } : {}),
  };
}
