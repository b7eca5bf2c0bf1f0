import { checkRedisSettings, checkStateDir, openAnsweringStore } from '../../compose-store.ts';
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
      const [audit, settings, stateDir] = await Promise.all([
        opened.audit.verify(),
        checkRedisSettings(opened.address),
        checkStateDir(config),
      ]);
      return [
        ok('Redis', notes[0] ?? 'answers'),
        ...settings,
        ...stateDir,
        audit.broken
          ? failed('audit chain', { text: auditLine(audit), next: 'Run calico-chatops audit verify' })
          : ok('audit chain', auditLine(audit)),
      ];
    } finally {
      await opened.close();
    }
  } catch (error) {
    const { code, message, next } = describeError(error);
    const part = message.startsWith('STATE_DIR') ? 'STATE_DIR' : code === 'configuration' ? 'key' : 'Redis';
    return [failed(part, { text: message, next: next.replace(/\.$/, '') })];
  }
}
