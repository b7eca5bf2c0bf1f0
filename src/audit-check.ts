/** What is said of the audit chain: in the log when the program starts, by `doctor` and by `audit verify`. */
import type { Log } from './adapters/log.ts';
import type { AuditLog, AuditReport } from './model/audit.ts';

/** Logs an error where the chain is broken. Never rejects: the program goes on. */
export async function checkAudit(audit: AuditLog, log: Log): Promise<void> {
  try {
    const report = await audit.verify();
    if (report.broken) log.error(`the audit chain is broken: ${auditLine(report)}. Run calico-chatops audit verify`);
  } catch (error) {
    log.warn('the audit chain could not be checked', error);
  }
}

/** A report in one line. */
export function auditLine({ records, first, last, trimmedTo, head, broken }: AuditReport): string {
  if (broken) return `record ${broken.number}: ${broken.why}`;
  if (records === 0) return 'no records yet';
  const range = `${records} records, ${first} to ${last}`;
  const before = trimmedTo === null ? '' : `, a signed checkpoint stands for the records up to ${trimmedTo}`;
  const end =
    head === null ? '; this machine wrote none of them, so it cannot tell whether newer ones were removed' : '';
  return `${range}${before}${end}`;
}
