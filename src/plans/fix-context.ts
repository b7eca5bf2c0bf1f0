import { declaredReader } from '../model/api-reads.ts';
import { defaultCalicoNamespaces } from '../model/calico-components.ts';
import { commandLine, fillTemplate } from '../model/command-line.ts';
import type { ClusterAccess } from '../model/cluster-access.ts';
import type { CommandRequest, RunningCommand } from '../model/command.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Fix, FixContext } from '../model/fix.ts';
import type { KubernetesObject } from '../model/kubernetes.ts';
import type { ApiAnswer, Clock, ClusterWriter, NodeShells } from '../model/ports.ts';
import { evidenceOf, evidenceOfAnswer } from '../model/evidence-of.ts';

/** The audit record keeps everything that a fix ran: a little of each. */
const shownCharacters = 2000;

/** What a fix may touch, and what it did with it. */
export interface FixAccess {
  /** To look: whatever writes throws. */
  readonly looking: FixContext;
  readonly writing: FixContext;
  /** Commands that were run and writes that were asked for, dry runs too, in order: for the audit record. */
  readonly ran: () => readonly Evidence[];
  /** Whether the API server accepted a dry run of every write that was asked for so far, and at least one was. */
  readonly rehearsed: () => boolean;
}

/** Returns what a fix may touch: of the API's reads, those alone that it declares. */
export function fixAccess(access: ClusterAccess, { id, reads = [] }: Pick<Fix, 'id' | 'reads'>): FixAccess {
  const { writer, shells, clock, calicoNamespaces = defaultCalicoNamespaces } = access;
  const ran: Evidence[] = [];
  const dryRuns: boolean[] = [];
  const cluster = declaredReader(access.cluster, reads, calicoNamespaces, id);
  const writing = {
    cluster,
    clock,
    calicoNamespaces,
    writer: recordedWriter(writer, ran),
    shells: recordedShells(shells, clock, ran),
  };
  const looking = {
    ...writing,
    writer: dryWriter(writing.writer, id, dryRuns),
    shells: readingShells(writing.shells, id),
  };
  return { looking, writing, ran: () => ran, rehearsed: () => dryRuns.length > 0 && dryRuns.every((took) => took) };
}

function recordedWriter(writer: ClusterWriter, ran: Evidence[]): ClusterWriter {
  const record = async <T>(asked: Promise<ApiAnswer<T>>): Promise<ApiAnswer<T>> => {
    const answer = await asked;
    ran.push(evidenceOfAnswer(answer, answer.ok ? 'accepted' : `${answer.status ?? 'no answer'}: ${answer.reason}`));
    return answer;
  };
  return {
    merge: (...asked) => record(writer.merge(...asked)),
  };
}

/** A command whose outcome is unknown is recorded, too. */
function recordedShells(shells: NodeShells, clock: Clock, ran: Evidence[]): NodeShells {
  const start = (node: string, request: CommandRequest, running: RunningCommand): RunningCommand => ({
    ready: running.ready,
    stop: () => running.stop(),
    result: running.result.then(
      (transcript) => {
        ran.push(evidenceOf(transcript, undefined, shownCharacters));
        return transcript;
      },
      (error: unknown) => {
        const { argv, input } = fillTemplate(request.command, request.params);
        const excerpt = `no outcome: ${error instanceof Error ? error.message : String(error)}`;
        ran.push({ command: commandLine(argv, input), node, at: clock.now().toISOString(), excerpt, file: null });
        throw error;
      },
    ),
  });
  return {
    usage: () => shells.usage(),
    close: () => shells.close(),
    shell(node) {
      const shell = shells.shell(node);
      return { node: shell.node, start: (request) => start(node.name, request, shell.start(request)) };
    },
  };
}

/** @param dryRuns gains for each dry run whether the API server accepted it */
function dryWriter(writer: ClusterWriter, fix: string, dryRuns: boolean[]): ClusterWriter {
  const refuse = () => {
    throw new Error(`${fix} writes to the API server while it looks`);
  };
  return {
    async merge<T extends KubernetesObject>(...asked: Parameters<ClusterWriter['merge']>): Promise<ApiAnswer<T>> {
      if (!asked[3].dryRun) return refuse();
      const answer = await writer.merge<T>(...asked);
      dryRuns.push(answer.ok);
      return answer;
    },
  };
}

function readingShells(shells: NodeShells, fix: string): NodeShells {
  return {
    usage: () => shells.usage(),
    close: () => shells.close(),
    shell(node) {
      const shell = shells.shell(node);
      return {
        node: shell.node,
        start(request) {
          if (request.command.writes)
            throw new Error(`${fix} runs ${request.command.id}, which writes, while it looks`);
          return shell.start(request);
        },
      };
    },
  };
}
