import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { keptCompilation } from '../../tools/lab/kept-compilation.ts';

export const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface Ended {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** All of this process's environment that the program is started with. */
export const ownEnvironment = (): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: process.env['HOME'] ?? '',
  ...keptCompilation(),
});

/** Runs the program as a shell would, with nothing of this process's environment but PATH and HOME. */
export function program(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  cwd: string = process.cwd(),
): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, ...argv],
      { cwd, env: { ...ownEnvironment(), ...environment }, timeout: 120_000 },
      (error, out, err) => {
        resolve({ exit: error ? Number(error.code ?? -1) : 0, out, err });
      },
    );
  });
}
