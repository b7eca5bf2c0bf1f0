import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { text } from 'node:stream/consumers';

/** A command of the lab that ended with another status than 0. */
class CommandFailed extends Error {
  readonly status: number;
  constructor(argv: string[], status: number, stderr: string) {
    super(`${argv.join(' ').slice(0, 300)}: exit ${status}: ${stderr.trim().slice(0, 2000)}`);
    this.status = status;
  }
}

export type Result = { status: number; stdout: string; stderr: string };

/** The exit status of a child, or 128 and its signal as a shell says it. */
function exit(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

/** Runs a command to its end and returns what it said, whatever its status. */
export async function attempt(argv: string[], input = '', env: NodeJS.ProcessEnv = process.env): Promise<Result> {
  const [program = '', ...args] = argv;
  // A pipe of Node's is a socket. `bash -c` that reads one takes itself for a remote shell, and runs ~/.bashrc first.
  const child =
    input === ''
      ? spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
      : spawn(program, args, { stdio: 'pipe', env });
  child.stdin?.on('error', () => undefined); // a program may end without reading its input
  child.stdin?.end(input);
  const ended = exit(child);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { status: await ended, stdout, stderr };
}

/**
 * Runs a command that must succeed and returns its stdout.
 * @throws CommandFailed with the command and what it wrote to stderr.
 */
export async function run(argv: string[], input = ''): Promise<string> {
  const result = await attempt(argv, input);
  if (result.status !== 0) throw new CommandFailed(argv, result.status, result.stderr || result.stdout);
  return result.stdout;
}

/** Runs a command with this process's own stdin, stdout and stderr; resolves to its exit status. */
export async function passThrough(argv: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return exit(child);
}

/** A machine that does much else gets this many times as long. Only what never comes about takes longer by it. */
const patience = 4;

/**
 * Asks again and again until the answer is not null.
 * @param seconds that it may take on a quiet machine.
 * @throws Error naming what was waited for when the time is over.
 */
export async function until<Value>(what: string, seconds: number, ask: () => Promise<Value | null>): Promise<Value> {
  const limit = seconds * patience;
  const end = Date.now() + limit * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (Date.now() > end) throw new Error(`waited ${limit} s for ${what}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

/** Waits until a command ends with status 0. */
export function untilRuns(what: string, seconds: number, argv: string[]): Promise<true> {
  return until(what, seconds, async () => ((await attempt(argv)).status === 0 ? true : null));
}
