import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { AuditHeads } from '../model/audit.ts';
import { auditHead } from '../model/stored.ts';
import { makeFolder } from './make-folder.ts';

const headName = /^\d{12}$/;

/**
 * Keeps the newest audit record that this machine wrote as `STATE_DIR/audit-heads/NUMBER`. A file a number: processes
 * that write at once never replace a newer one by an older one.
 */
export function createAuditHeads(stateDir: string): AuditHeads {
  const folder = join(resolve(stateDir), 'audit-heads');
  const names = async () => (await readdir(folder).catch(() => [])).filter((name) => headName.test(name)).toSorted();
  return {
    async newest() {
      for (;;) {
        const name = (await names()).at(-1);
        if (name === undefined) return null;
        const text = await readFile(join(folder, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOENT') throw error;
          return null;
        });
        // Removed between the two reads: a newer one is there.
        if (text !== null) return auditHead.parse(JSON.parse(text));
      }
    },
    async keep(head) {
      await makeFolder(folder);
      const name = String(head.number).padStart(12, '0');
      const draft = join(folder, `draft.${process.pid}.${randomBytes(6).toString('hex')}`);
      await writeFile(draft, JSON.stringify(head), { mode: 0o600 });
      await rename(draft, join(folder, name));
      for (const older of await names()) if (older < name) await rm(join(folder, older), { force: true });
    },
  };
}
