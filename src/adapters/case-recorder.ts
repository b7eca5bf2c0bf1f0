import { join } from 'node:path';
import type { CommandRequest, RunningCommand, Transcript } from '../model/command.ts';
import { LookError } from '../model/look-error.ts';
import type {
  ApiAnswer,
  ClusterReader,
  NodeAddress,
  NodeShell,
  NodeShells,
  RememberedTarget,
  TargetMemory,
} from '../model/ports.ts';
import {
  apiFolder,
  caseFile,
  caseSchema,
  commandsFile,
  fileNumber,
  memoryFile,
  type ApiMethod,
  type CaseHeader,
  type RecordedCommand,
} from './case/format.ts';
import { appendPrivate, makePrivateFolder, writePrivate } from './case/files.ts';
import { redactJson, redactText } from '../model/redact.ts';

export interface CaseRecorder {
  /** Ports that answer as the given ones do, without secrets, and save what was asked and answered. */
  readonly shells: NodeShells;
  readonly cluster: ClusterReader;
  readonly memory: TargetMemory;
  /**
   * Waits until all is on disk.
   * @throws Error of the first file that could not be written
   */
  finish(): Promise<void>;
}

export interface CaseRecorderOptions {
  /** Made if it is missing. */
  readonly directory: string;
  readonly header: Omit<CaseHeader, 'schema'>;
  readonly shells: NodeShells;
  readonly cluster: ClusterReader;
  readonly memory?: TargetMemory;
}

/** Node names become folders. */
const safeName = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;

/**
 * Saves a run as a case: every command's transcript and every API answer, without secrets. What was saved is what is
 * given on: the run judges what a replay will judge, so both reach the same verdict.
 */
export async function createCaseRecorder({
  directory,
  header,
  shells,
  cluster,
  memory,
}: CaseRecorderOptions): Promise<CaseRecorder> {
  await makePrivateFolder(directory);
  await makePrivateFolder(join(directory, apiFolder));
  await writePrivate(
    join(directory, caseFile),
    `${JSON.stringify({ schema: caseSchema, ...header } satisfies CaseHeader, null, 2)}\n`,
  );
  const writes: Promise<void>[] = [];
  const keep = (write: Promise<void>) => {
    write.catch(() => undefined); // finish() tells
    writes.push(write);
  };
  return {
    shells: recordShells(directory, shells, keep),
    cluster: recordCluster(directory, cluster, keep),
    memory: recordMemory(directory, memory, keep),
    finish: async () => {
      for (let done = 0; done < writes.length; done += 1) await writes[done];
      // What the look cost each node: for the reader, replay does not need it.
      await writePrivate(join(directory, 'cost.json'), `${JSON.stringify(shells.usage(), null, 1)}\n`);
    },
  };
}

function recordShells(directory: string, shells: NodeShells, keep: (write: Promise<void>) => void): NodeShells {
  const counts = new Map<string, number>();
  return {
    shell(node: NodeAddress): NodeShell {
      if (!safeName.test(node.name) || node.name === apiFolder)
        throw new TypeError(`${node.name}: a case cannot hold a node of this name`);
      const shell = shells.shell(node);
      return {
        node: node.name,
        start(request) {
          const number = (counts.get(node.name) ?? 0) + 1;
          counts.set(node.name, number);
          return record(
            join(directory, node.name),
            `${node.name}/${fileNumber(number)}.txt`,
            number,
            request,
            shell.start(request),
            keep,
          );
        },
      };
    },
    usage: () => shells.usage(),
    close: () => shells.close(),
  };
}

function record(
  folder: string,
  file: string,
  number: number,
  request: CommandRequest,
  running: RunningCommand,
  keep: (write: Promise<void>) => void,
): RunningCommand {
  let ready = false;
  running.ready.then(
    () => (ready = true),
    () => undefined,
  );
  const asked = () => ({ number, command: request.command.id, moment: request.moment, params: request.params, ready });
  const save = async (line: RecordedCommand, stdout: string | null) => {
    await makePrivateFolder(folder);
    if (stdout !== null) await writePrivate(join(folder, `${fileNumber(number)}.txt`), stdout);
    await appendPrivate(join(folder, commandsFile), `${JSON.stringify(line)}\n`);
  };
  const result = running.result.then(
    (transcript): Transcript => {
      const { command, at, durationMs, exit, timedOut, truncated } = transcript;
      const [stdout, stderr] = [savedOutput(request, transcript), redactText(transcript.stderr)];
      keep(save({ ...asked(), line: redactText(command), at, durationMs, exit, stderr, timedOut, truncated }, stdout));
      return { ...transcript, stdout, stderr, file };
    },
    (error: unknown) => {
      if (error instanceof LookError)
        keep(save({ ...asked(), error: { code: error.code, message: redactText(error.message) } }, null));
      throw error;
    },
  );
  result.catch(() => undefined); // who started it may look at its readiness only
  return { ready: running.ready, result, stop: () => running.stop() };
}

/**
 * Objects of Calico's datastore are saved as they are: names, labels, selectors and addresses, of which each word is
 * judged. Their annotations were left out when they were read.
 */
function savedOutput({ command: { argv } }: CommandRequest, { exit, stdout }: Transcript): string {
  const isObjects = argv[0] === 'calicoctl' && argv.includes('-o');
  return isObjects && exit === 0 ? stdout : redactText(stdout);
}

function recordCluster(directory: string, cluster: ClusterReader, keep: (write: Promise<void>) => void): ClusterReader {
  let count = 0;
  const recorded = async <T>(
    method: ApiMethod,
    argument: unknown,
    asking: Promise<ApiAnswer<T>>,
  ): Promise<ApiAnswer<T>> => {
    const number = (count += 1);
    // Through text: only what JSON can say is saved.
    const answer: ApiAnswer<T> = redactJson(JSON.parse(JSON.stringify(await asking)));
    keep(
      writePrivate(
        join(directory, apiFolder, `${fileNumber(number)}.json`),
        `${JSON.stringify({ method, argument, answer }, null, 1)}\n`,
      ),
    );
    return answer;
  };
  return {
    read: (reference) => recorded('read', reference, cluster.read(reference)),
    list: (query) => recorded('list', query, cluster.list(query)),
    podLog: (query) => recorded('podLog', query, cluster.podLog(query)),
    accessReview: (question) => recorded('accessReview', question, cluster.accessReview(question)),
  };
}

function recordMemory(
  directory: string,
  memory: TargetMemory | undefined,
  keep: (write: Promise<void>) => void,
): TargetMemory {
  return {
    async recall(namespace, pod) {
      const known: RememberedTarget | null = redactJson(
        JSON.parse(JSON.stringify((await memory?.recall(namespace, pod)) ?? null)),
      );
      if (known) keep(writePrivate(join(directory, memoryFile), `${JSON.stringify(known, null, 1)}\n`));
      return known;
    },
    remember: async (target) => memory?.remember(target),
  };
}
