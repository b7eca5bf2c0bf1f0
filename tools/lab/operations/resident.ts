import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { z } from 'zod';
import { labPaths } from '../paths.ts';
import type { Result } from '../run.ts';
import { operationsCommand } from './command.ts';

interface Resident {
  readonly process: ChildProcess;
  readonly waiting: Map<number, PromiseWithResolvers<Result>>;
}

const answerSchema = z.object({ id: z.number(), status: z.number(), stdout: z.string(), stderr: z.string() });

/** By the name of its lab. */
const residents = new Map<string, Resident>();
let lastId = 0;

/** Ends with its lab, with `endResident`, or with this process. */
function start(name: string): Resident {
  const paths = labPaths(name);
  const { argv, env } = operationsCommand(paths, [process.execPath, `${import.meta.dirname}/resident-program.ts`]);
  const [program = '', ...args] = argv;
  const log = openSync(`${paths.logs}/resident-program.log`, 'a');
  const child = spawn(program, args, { env, stdio: ['ignore', log, log, 'ipc'] });
  closeSync(log);
  const waiting: Resident['waiting'] = new Map();
  const ended = (why: string) => {
    if (residents.get(name)?.process === child) residents.delete(name);
    for (const { reject } of waiting.values()) reject(new Error(`the program of lab ${name} ${why}`));
    waiting.clear();
  };
  child.on('message', (message) => {
    const { id, ...result } = answerSchema.parse(message);
    waiting.get(id)?.resolve(result);
    waiting.delete(id);
    if (waiting.size === 0) letGo(child);
  });
  child.on('error', ({ message }) => ended(`could not be asked: ${message}`));
  child.on('exit', (status, signal) => ended(`ended with ${status ?? signal}: ${paths.logs}/resident-program.log`));
  letGo(child);
  const resident = { process: child, waiting };
  residents.set(name, resident);
  return resident;
}

/** It must not keep a process that has nothing else to do. */
function letGo(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
}

/** Who waits for an answer has something to do: node ends a process whose one promise nothing can settle. */
function hold(child: ChildProcess): void {
  child.ref();
  child.channel?.ref();
}

/**
 * Runs a command line of the program with the bot's configuration, in a process in the lab's operations namespace that
 * stays for the next one: the program is loaded once.
 * @param settings variables of the environment that are to be other than the lab's
 * @throws Error when the process ends before it has answered
 */
export function askResident(
  name: string,
  argv: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<Result> {
  const resident = residents.get(name) ?? start(name);
  const id = (lastId += 1);
  const answer = Promise.withResolvers<Result>();
  resident.waiting.set(id, answer);
  hold(resident.process);
  const { env } = operationsCommand(labPaths(name), []);
  resident.process.send({ id, argv, environment: { ...env, ...settings } });
  return answer.promise;
}

/** Ends the process that stays, where there is one. */
export function endResident(name: string): void {
  residents.get(name)?.process.kill('SIGKILL');
}
