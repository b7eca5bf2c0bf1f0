import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type * as z from 'zod';
import { commandLine, fillTemplate } from '../model/command-line.ts';
import type { CommandRequest, Moment, RunningCommand, Transcript } from '../model/command.ts';
import { LookError } from '../model/look-error.ts';
import type { ApiAnswer, Clock, ClusterReader, NodeShells, RememberedTarget, TargetMemory } from '../model/ports.ts';
import {
  anyHeaderSchema,
  apiFolder,
  apiSchema,
  caseFile,
  caseSchema,
  commandSchema,
  commandsFile,
  fileNumber,
  headerSchema,
  keyOf,
  memoryFile,
  memorySchema,
  type ApiMethod,
  type CaseHeader,
  type RecordedApi,
  type RecordedCommand,
} from './case/format.ts';
import { caseFileReader, isFolder, type ReadCaseFile } from './case/files.ts';
import { createReplayClock } from './clock.ts';

/** A saved case, opened: ports that answer what was answered then, and its own time. */
export interface ReplayedCase {
  readonly header: CaseHeader;
  readonly shells: NodeShells;
  readonly cluster: ClusterReader;
  readonly memory: TargetMemory;
  readonly clock: Clock;
}

/** A folder that is no case, or not whole. */
export class CaseError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CaseError';
  }
}

/**
 * @param signal ends the reading; it rejects with the signal's reason then
 * @throws CaseError when the folder holds no case that can be read
 */
export async function openCase(directory: string, signal?: AbortSignal): Promise<ReplayedCase> {
  const reader = caseFileReader(signal);
  const text: ReadCaseFile = (path) =>
    reader(path).catch((error: unknown) => {
      signal?.throwIfAborted();
      const { code } = error as { readonly code?: unknown };
      // The system's own words would repeat the path.
      const why = typeof code === 'string' ? code : error instanceof Error ? error.message : String(error);
      throw new CaseError(`${path} cannot be read (${why})`, { cause: error });
    });
  const header = readHeader(await text(join(directory, caseFile)), join(directory, caseFile));
  const entries = await readdir(directory, { withFileTypes: true });
  const nodes = entries.filter((entry) => entry.isDirectory() && entry.name !== apiFolder).map((entry) => entry.name);
  const commands = new Map<string, Answers<Recorded>>();
  for (const node of nodes) commands.set(node, await readCommands(text, directory, node));
  const calls = await readCalls(text, join(directory, apiFolder));
  const remembered = entries.some(({ name }) => name === memoryFile)
    ? await readMemory(text, join(directory, memoryFile))
    : null;
  return {
    header,
    memory: replayMemory(remembered),
    shells: replayShells(commands),
    cluster: replayCluster(calls, header.startedAt),
    clock: createReplayClock(new Date(header.startedAt)),
  };
}

interface Recorded {
  readonly command: RecordedCommand;
  readonly stdout: string;
  readonly file: string;
}

/** Answers by what was asked, in their order; the last one is given again. */
class Answers<T> {
  readonly #byKey = new Map<string, T[]>();
  readonly #given = new Map<string, number>();

  add(key: string, answer: T): void {
    const known = this.#byKey.get(key);
    if (known) known.push(answer);
    else this.#byKey.set(key, [answer]);
  }

  next(key: string): T | undefined {
    const answers = this.#byKey.get(key) ?? [];
    const given = this.#given.get(key) ?? 0;
    this.#given.set(key, given + 1);
    return answers[Math.min(given, answers.length - 1)];
  }
}

function parse<T>(schema: z.ZodType<T>, json: string, path: string): T {
  try {
    return schema.parse(JSON.parse(json));
  } catch (error) {
    throw new CaseError(`${path} is not what a saved case holds`, { cause: error });
  }
}

/** @throws CaseError for a case of another format, with the version that can replay it. */
function readHeader(json: string, path: string): CaseHeader {
  const { schema, version } = parse(anyHeaderSchema, json, path);
  if (schema !== caseSchema) {
    throw new CaseError(
      `${path}: calico-chatops ${version} saved this case as ${schema}, and this version replays ${caseSchema} ` +
        `only. Replay it with calico-chatops ${version}, or save the run again`,
    );
  }
  return parse(headerSchema, json, path);
}

const commandKey = (command: string, params: Readonly<Record<string, string>>, moment: Moment) =>
  keyOf([command, params, moment]);

async function readCommands(text: ReadCaseFile, directory: string, node: string): Promise<Answers<Recorded>> {
  const path = join(directory, node, commandsFile);
  const lines = (await text(path)).split('\n').filter((line) => line !== '');
  // Written as they ended; answered as they were started.
  const commands = lines.map((line) => parse(commandSchema, line, path)).toSorted((a, b) => a.number - b.number);
  const answers = new Answers<Recorded>();
  for (const command of commands) {
    const file = `${node}/${fileNumber(command.number)}.txt`;
    const stdout = 'error' in command ? '' : await text(join(directory, file));
    answers.add(commandKey(command.command, command.params, command.moment), { command, stdout, file });
  }
  return answers;
}

async function readCalls(text: ReadCaseFile, folder: string): Promise<Answers<RecordedApi>> {
  const files = ((await isFolder(folder)) ? await readdir(folder) : [])
    .filter((name) => name.endsWith('.json'))
    .toSorted();
  const answers = new Answers<RecordedApi>();
  for (const name of files) {
    const call = parse(apiSchema, await text(join(folder, name)), join(folder, name));
    answers.add(keyOf([call.method, call.argument]), call);
  }
  return answers;
}

function replayShells(commands: ReadonlyMap<string, Answers<Recorded>>): NodeShells {
  return {
    shell: ({ name }) => ({ node: name, start: (request) => replay(name, request, commands.get(name)) }),
    usage: () => ({}),
    close: () => Promise.resolve(),
  };
}

function replay(node: string, request: CommandRequest, answers: Answers<Recorded> | undefined): RunningCommand {
  const { argv, input } = fillTemplate(request.command, request.params);
  const line = commandLine(argv, input);
  const found = answers?.next(commandKey(request.command.id, request.params, request.moment));
  const result = transcriptOf(node, line, found);
  const ready =
    found?.command.ready === true
      ? Promise.resolve()
      : result.then(() => {
          throw new LookError('command-failed', `${node}: it ended before it was under way: ${line}`);
        });
  ready.catch(() => undefined);
  result.catch(() => undefined);
  return { ready, result, stop: () => undefined };
}

async function transcriptOf(node: string, line: string, found: Recorded | undefined): Promise<Transcript> {
  if (found === undefined) throw new LookError('not-recorded', `${node}: the case does not hold ${line}`);
  const { command, stdout, file } = found;
  if ('error' in command) throw new LookError(command.error.code, command.error.message);
  const { at, durationMs, exit, stderr, timedOut, truncated } = command;
  return { node, command: command.line, at, durationMs, exit, stdout, stderr, timedOut, truncated, file };
}

function replayCluster(calls: Answers<RecordedApi>, at: string): ClusterReader {
  const answer = async <T>(method: ApiMethod, argument: unknown): Promise<ApiAnswer<T>> => {
    const found = calls.next(keyOf([method, argument]));
    if (found === undefined)
      return {
        ok: false,
        status: null,
        reason: 'not recorded in this case',
        request: `${method} ${keyOf(argument)}`,
        at,
      };
    if (!found.answer.ok) return found.answer;
    // What a reader gave then for the same question: its type is that of the question.
    const { value, ...rest }: { ok: true; value: T; request: string; at: string } = JSON.parse(
      JSON.stringify(found.answer),
    );
    return { ...rest, value };
  };
  return {
    read: (reference) => answer('read', reference),
    list: (query) => answer('list', query),
    podLog: (query) => answer('podLog', query),
    accessReview: (question) => answer('accessReview', question),
  };
}

async function readMemory(text: ReadCaseFile, path: string): Promise<RememberedTarget> {
  const json = await text(path);
  parse(memorySchema, json, path);
  const remembered: RememberedTarget = JSON.parse(json);
  return remembered;
}

function replayMemory(remembered: RememberedTarget | null): TargetMemory {
  return { recall: () => Promise.resolve(remembered), remember: () => Promise.resolve() };
}
