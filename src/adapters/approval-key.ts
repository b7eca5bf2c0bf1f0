/** The key of approvals: a file that is never in the store, and that this program makes where none is named. */
import { randomBytes } from 'node:crypto';
import { link, open, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { commandLine } from '../model/command-line.ts';
import { createSeals, leastKeyBytes, type Seals } from '../model/seal.ts';
import { makeFolder } from './make-folder.ts';
import { readRegularFile } from './regular-file.ts';

/** A key that other users may read or change. */
export class OpenKeyError extends Error {
  /** What closes it. */
  readonly next: string;
  constructor(path: string, mode: number) {
    super(`${path} is open to other users (mode 0${(mode & 0o777).toString(8)})`);
    this.name = 'OpenKeyError';
    this.next = `Run ${commandLine(['chmod', '600', path])}.`;
  }
}

/** Bits of a file's mode that no key may have: writing by the group, and everything by others. */
const tooOpen = 0o027;

/**
 * Returns the seals of the key in a file, or of the program's own key `STATE_DIR/approval.key`, which is made with
 * mode 0600 when it is not there yet. White space around the key does not count.
 * @param file null: the program's own
 * @throws OpenKeyError where it is open to others; Error where the file cannot be read or holds fewer than 32 bytes
 */
export async function readApprovalKey(file: string | null, stateDir: string): Promise<Seals> {
  const path = file ?? join(resolve(stateDir), 'approval.key');
  if (file === null) await makeKey(path);
  const { mode } = await stat(path);
  if ((mode & tooOpen) !== 0) throw new OpenKeyError(path, mode);
  const material = Buffer.from((await readRegularFile(path)).toString('latin1').trim(), 'latin1');
  if (material.byteLength < leastKeyBytes)
    throw new Error(
      `${path} holds ${material.byteLength} bytes: a key has at least ${leastKeyBytes}, such as openssl rand ` +
        '-base64 48 writes',
    );
  return createSeals(material);
}

/** Two processes that start at once leave one whole key: a link is made or not made. */
async function makeKey(path: string): Promise<void> {
  if (
    await stat(path).then(
      () => true,
      () => false,
    )
  )
    return;
  await makeFolder(dirname(path));
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(`${randomBytes(48).toString('base64')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
}
