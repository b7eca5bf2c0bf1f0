import { readdir } from 'node:fs/promises';
import { ProgramError } from '../errors.ts';

/**
 * Refuses a folder that a case cannot be saved in, before anything is asked. One with files is refused too: two runs in
 * one folder are replayed as one that never was, and the folder of a case is closed to others.
 * @throws ProgramError `usage`
 */
export async function checkCaseFolder(folder: string): Promise<void> {
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => error);
  if (Array.isArray(found)) {
    if (found.length === 0) return;
    throw new ProgramError('usage', `--case: the folder ${folder} is not empty`, { next: 'Name a new folder.' });
  }
  if (found.code === 'ENOENT') return;
  throw new ProgramError('usage', `--case: ${folder} is not a folder that can be read (${found.code ?? 'unknown'})`, {
    cause: found,
    next: 'Name a new folder.',
  });
}

/** The error of a folder that could not be made or written, in the words of the option. */
export function caseTrouble(folder: string, error: unknown): ProgramError {
  const said = error instanceof Error ? error.message : String(error);
  return new ProgramError('usage', `--case: the run cannot be saved in ${folder}: ${said}`, {
    cause: error,
    next: 'Name a folder that this user can write, then run again.',
  });
}
