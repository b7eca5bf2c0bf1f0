import { chmod, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../adapters/make-folder.ts';

export interface PlannedFile {
  /** Below the folder. */
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  /** `made`: rewritten whenever its text is another. `yours`: people edit it, so it is written once. */
  readonly owner: 'made' | 'yours';
}

export type Written = 'written' | 'updated' | 'unchanged' | 'kept';

/**
 * Writes the files, and says of each what was done. `kept`: a file of the user's has other text than a new one would.
 * @throws Error if the folder or a file cannot be written
 */
export async function writeFiles(
  folder: string,
  files: readonly PlannedFile[],
): Promise<readonly { readonly path: string; readonly done: Written }[]> {
  const done: { path: string; done: Written }[] = [];
  await makeFolder(folder);
  for (const file of files) done.push({ path: file.path, done: await writeOne(join(folder, file.path), file) });
  return done;
}

async function writeOne(path: string, { text, mode, owner }: PlannedFile): Promise<Written> {
  const before = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (before === text) return 'unchanged';
  if (before !== null && owner === 'yours') return 'kept';
  await makeFolder(dirname(path));
  await writeFile(path, text, { mode });
  await chmod(path, mode);
  return before === null ? 'written' : 'updated';
}
