import { randomBytes } from 'node:crypto';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/**
 * Makes a folder that only its owner enters, with the folders above it. One that is there stays as it is. Not by the
 * `recursive` of Node: below a folder in which nothing can be made, such as /proc, that tries for ever.
 * @throws Error of the system where it cannot be made, also where something else has its name
 */
export async function makeFolder(path: string): Promise<void> {
  const folder = resolve(path);
  try {
    await makeOne(folder);
  } catch (error) {
    const above = dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || (await isFolder(above))) throw error;
    await makeFolder(above);
    await makeOne(folder);
  }
}

/** Makes a folder, and a file in it for a moment. @throws Error of the system where nothing can be written there */
export async function tryFolder(path: string): Promise<void> {
  await makeFolder(path);
  const draft = join(path, `draft.${process.pid}.${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(draft, 'x', { flag: 'wx', mode: 0o600 });
  } finally {
    await rm(draft, { force: true });
  }
}

async function makeOne(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 }).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST' || !(await isFolder(folder))) throw error;
  });
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
