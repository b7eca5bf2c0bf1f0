import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { LabPaths } from './paths.ts';
import { until } from './run.ts';

/**
 * The lab's long-running programs, as a folder of descriptions that the supervisor keeps running.
 * Whoever wants a program writes its description; a `stopped` marker keeps it down.
 */
const processEntrySchema = z.object({
  argv: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  /** File that takes stdout and stderr; `earlierLog` takes its content when the program starts anew. */
  log: z.string(),
  earlierLog: z.string().nullable(),
  /** Started again when it ends by itself. */
  restart: z.boolean(),
});

export type ProcessEntry = z.infer<typeof processEntrySchema>;

const file = (paths: LabPaths, name: string) => `${paths.processes}/${name}.json`;
const marker = (paths: LabPaths, name: string) => `${paths.stopped}/${name}`;

/** Describes a program; the supervisor starts it within a moment. */
export async function describeProcess(paths: LabPaths, name: string, entry: ProcessEntry): Promise<void> {
  await mkdir(dirname(entry.log), { recursive: true });
  // Renamed into place, so that the supervisor never reads half a description.
  await writeFile(`${file(paths, name)}.new`, JSON.stringify(entry, null, 1));
  await rename(`${file(paths, name)}.new`, file(paths, name));
}

/** @throws Error when there is no such description (any more). */
export function readProcess(paths: LabPaths, name: string): ProcessEntry {
  return processEntrySchema.parse(JSON.parse(readFileSync(file(paths, name), 'utf8')));
}

/** The process group of a running program, or null. */
export function processPid(paths: LabPaths, name: string): number | null {
  try {
    return Number(readFileSync(`${paths.pids}/${name}`, 'utf8'));
  } catch {
    return null;
  }
}

/** Signals a program and everything it forked (nsenter and unshare stay as its parents). */
export function signalProcess(paths: LabPaths, name: string, signal: NodeJS.Signals): void {
  const pid = processPid(paths, name);
  if (pid !== null) process.kill(-pid, signal);
}

export function isStopped(paths: LabPaths, name: string): boolean {
  return existsSync(marker(paths, name));
}

/** Ends a program at once and keeps it down. */
export async function stopProcess(paths: LabPaths, name: string): Promise<void> {
  await writeFile(marker(paths, name), '');
  signalProcess(paths, name, 'SIGKILL');
  await until(`${name} to end`, 10, async () => (processPid(paths, name) === null ? true : null));
}

/** Lets a stopped program run again. */
export async function startProcess(paths: LabPaths, name: string): Promise<void> {
  await rm(marker(paths, name), { force: true });
  await until(`${name} to start`, 10, async () => processPid(paths, name));
}

/** Forgets a program: ended, and not started again. */
export async function removeProcess(paths: LabPaths, name: string): Promise<void> {
  if (!existsSync(file(paths, name))) return;
  await stopProcess(paths, name);
  await rm(file(paths, name), { force: true });
  await rm(marker(paths, name), { force: true });
}
