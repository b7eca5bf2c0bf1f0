import { parts, plainFiles } from './plain-files.ts';

/** Declares the tests of one part of the plain files, from 1 on. */
export async function importPart(part: number): Promise<void> {
  const files = plainFiles();
  const share = Math.ceil(files.length / parts);
  for (const file of files.slice((part - 1) * share, part * share)) await import(file);
}
