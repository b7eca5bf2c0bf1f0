/**
 * Files that are read where something else may have their name: a pipe would wait for its writer, and a device never
 * ends.
 */
import { accessSync, closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';

/** Without O_NONBLOCK, opening a pipe waits for its writer. */
const flags = constants.O_RDONLY | constants.O_NONBLOCK;
const chunkBytes = 65_536;

/** A private key, or the host keys of some ten thousand nodes: a larger file is neither. */
const usualMostBytes = 64 * 1024 * 1024;

/** Its code says in words what is wrong, where other errors have the code of the system: "cannot be read (…)". */
class NotReadable extends Error {
  readonly code: string;

  constructor(path: string, why: string) {
    super(`${path}: ${why}`);
    this.code = why;
  }
}

/** Takes the chunks of a file, up to a size. @throws NotReadable for what is not a file, or larger */
function collect(path: string, stats: Stats, mostBytes: number) {
  const mustFit = (size: number) => {
    if (size > mostBytes) throw new NotReadable(path, `larger than ${mostBytes} bytes`);
  };
  if (!stats.isFile()) throw new NotReadable(path, 'not a regular file');
  mustFit(stats.size);
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    add: (chunk: Buffer): void => {
      size += chunk.length;
      mustFit(size);
      chunks.push(chunk);
    },
    all: () => Buffer.concat(chunks),
  };
}

/**
 * Returns the bytes of a file; links are followed. It never waits for a writer.
 * @throws Error with a `code`: of the system, or in words for a folder, a pipe, a device and what is too large
 */
export async function readRegularFile(path: string, mostBytes = usualMostBytes): Promise<Buffer> {
  const handle = await open(path, flags);
  try {
    const { add, all } = collect(path, await handle.stat(), mostBytes);
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(chunkBytes), 0, chunkBytes);
      if (bytesRead === 0) return all();
      add(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

/** As readRegularFile, at once. */
export function readRegularFileSync(path: string, mostBytes = usualMostBytes): Buffer {
  const handle = openSync(path, flags);
  try {
    const { add, all } = collect(path, fstatSync(handle), mostBytes);
    for (;;) {
      const buffer = Buffer.alloc(chunkBytes);
      const bytesRead = readSync(handle, buffer, 0, chunkBytes, null);
      if (bytesRead === 0) return all();
      add(buffer.subarray(0, bytesRead));
    }
  } finally {
    closeSync(handle);
  }
}

/** Returns why a file cannot be read, as the code of an error of readRegularFile; null: it can. It opens nothing. */
export function regularFileProblem(path: string, mostBytes = usualMostBytes): string | null {
  try {
    accessSync(path, constants.R_OK);
    collect(path, statSync(path), mostBytes);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}
