import { checkRedisSettings, openAnsweringStore } from '../../compose-store.ts';
import type { Config } from '../../config.ts';
import { describeError } from '../../errors.ts';
import { auditLine } from '../../model/audit.ts';
import { failed, ok, type Check } from '../../setup/check.ts';

/** Opens Redis as `serve` does, and checks the audit chain in it. */
export async function checkStore(config: Config): Promise<readonly Check[]> {
  const notes: string[] = [];
  try {
    const opened = await openAnsweringStore(config, { line: (text) => void notes.push(text), audit: () => undefined });
    try {
      const [audit, settings] = await Promise.all([opened.audit.verify(), checkRedisSettings(opened.address)]);
      return [
        ok('Redis', notes[0] ?? 'answers'),
        ...settings,
        audit.broken
          ? failed('audit chain', { text: auditLine(audit), next: 'Run calico-chatops audit verify' })
          : ok('audit chain', auditLine(audit)),
      ];
    } finally {
      await opened.close();
    }
  } catch (error) {
    const { code, message, next } = describeError(error);
    return [failed(code === 'configuration' ? 'key' : 'Redis', { text: message, next: next.replace(/\.$/, '') })];
  }
}
