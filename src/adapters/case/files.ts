/**
 * The files of a case: written so that only their owner reads them, read only where they are plain files of the folder.
 */
import { constants } from 'node:fs';
import { chmod, lstat, open, type FileHandle } from 'node:fs/promises';
import { makeFolder } from '../make-folder.ts';

/** More than any command may print. */
const largestFile = 64 * 1024 * 1024;
const largestCase = 512 * 1024 * 1024;

/**
 * Makes a folder that only its owner enters, also where it was there already. @throws Error where something else has
 * its name
 */
export async function makePrivateFolder(path: string): Promise<void> {
  await makeFolder(path);
  await chmod(path, 0o700);
}

/** Writes a file of mode 0600, whatever mode it had before. @throws Error also where a link has its name */
export async function writePrivate(path: string, text: string): Promise<void> {
  await privately(path, constants.O_TRUNC, (handle) => handle.writeFile(text));
}

/** Appends to a file of mode 0600. @throws as writePrivate */
export async function appendPrivate(path: string, text: string): Promise<void> {
  await privately(path, constants.O_APPEND, (handle) => handle.writeFile(text));
}

async function privately(path: string, flag: number, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(
    path,
    constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK | flag,
    0o600,
  );
  try {
    await handle.chmod(0o600);
    await write(handle);
  } finally {
    await handle.close();
  }
}

/** Reads the text of one file after the other. */
export type ReadCaseFile = (path: string) => Promise<string>;

/**
 * A reader of one case: links, pipes and devices are refused, and so is what is larger than a case can be.
 * @param signal ends it between two files
 * @returns a function that throws Error for a path that is not to be read
 */
export function caseFileReader(signal?: AbortSignal): ReadCaseFile {
  let left = largestCase;
  return async (path) => {
    signal?.throwIfAborted();
    // Without O_NONBLOCK, opening a pipe waits for its writer.
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) throw new Error('not a regular file');
      if (stats.size > largestFile) throw new Error(`larger than ${largestFile} bytes`);
      if (stats.size > left) throw new Error(`the case is larger than ${largestCase} bytes`);
      left -= stats.size;
      // Not more than was there when it was measured.
      const bytes = Buffer.alloc(stats.size);
      const { bytesRead } = await handle.read(bytes, 0, stats.size, 0);
      return bytes.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  };
}

/** Whether a path is a folder itself, and no link to one. */
export async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isDirectory() ?? false;
}
