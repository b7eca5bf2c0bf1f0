import { open, readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ApprovalLedger } from '../model/approval.ts';
import { makeFolder } from './make-folder.ts';

/** An approval is refused as too old long before its file is removed. */
const keptMs = 7 * 86_400_000;

/**
 * Remembers used approvals as empty files `STATE_DIR/used-approvals/ID`: to make a file that is there already fails,
 * for every process of this machine. So an approval that is put into the store a second time is seen.
 */
export function createApprovalLedger(stateDir: string): ApprovalLedger {
  const folder = join(resolve(stateDir), 'used-approvals');
  return {
    async spend(id) {
      if (!/^[\w-]{1,128}$/.test(id)) throw new Error('not an id of an approval');
      await makeFolder(folder);
      try {
        const file = await open(join(folder, id), 'wx', 0o600);
        await file.sync();
        await file.close();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        throw error;
      }
      await sweep(folder);
      return true;
    },
  };
}

async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const made = await stat(path).catch(() => null);
    if (made && made.mtimeMs < Date.now() - keptMs) await rm(path, { force: true });
  }
}
