import { openAnsweringStore } from '../compose-store.ts';
import { loadConfig } from '../config.ts';
import { auditLine } from '../model/audit.ts';
import { exitCode, type Format, type Surroundings } from './output.ts';
import { documentOf } from './plain-output.ts';

/**
 * `calico-chatops audit verify`: checks the chain of audit records from its first record to its end.
 * @returns 0 where every record is what and where it was, 1 where one is not
 * @throws ProgramError where the store cannot be reached or the key cannot be read
 */
export async function verifyAudit(format: Format, { out, err, environment }: Surroundings): Promise<number> {
  const opened = await openAnsweringStore(loadConfig(environment, []), {
    line: (text) => err(`${text}\n`),
    audit: () => undefined,
  });
  try {
    const report = await opened.audit.verify();
    const { broken, ...rest } = report;
    const ok = broken === null;
    out(
      format === 'text'
        ? `${ok ? 'ok' : 'BROKEN'}: ${auditLine(report)}\n`
        : documentOf({ schema: 'calico-chatops/audit/v1', ok, ...rest, broken }, format),
    );
    return ok ? exitCode.done : exitCode.auditBroken;
  } finally {
    await opened.close();
  }
}
