import type { ClusterAccess } from '../../src/model/cluster-access.ts';
import { commandLine, fillTemplate } from '../../src/model/command-line.ts';
import type { CommandRequest, Transcript } from '../../src/model/command.ts';
import type { KubernetesObject } from '../../src/model/kubernetes.ts';
import { LookError } from '../../src/model/look-error.ts';
import type { NodeShells } from '../../src/model/ports.ts';
import { attempt } from '../../tools/lab/run.ts';
import { knownObjects, noWrites } from './known-objects.ts';

/** What a command says instead of being run; or an error: its outcome is unknown. */
type Scripted = Partial<Transcript> | LookError;

export interface LocalNode extends NodeShells {
  /** Command lines that were run for fixes, in order. */
  readonly ran: string[];
  /** By command id: answers instead of the command. `after`: the command runs, and this is what comes back. */
  readonly scripted: Map<string, { readonly answer: Scripted; readonly after: boolean }>;
  /** Called before a command of this id runs. */
  readonly before: Map<string, () => Promise<void>>;
  /** Lets it say this instead of running the command of this id. */
  says(id: string, stdout: string, exit?: number): void;
}

/**
 * A node whose commands run on this machine with this environment, checked as a node's helper checks them.
 * @param inside words before each command, such as those that enter a network namespace
 */
export function localNode(environment: Readonly<Record<string, string>>, inside: readonly string[] = []): LocalNode {
  const node: LocalNode = {
    ran: [],
    scripted: new Map(),
    before: new Map(),
    says: (id, stdout, exit = 0) => void node.scripted.set(id, { answer: { stdout, exit }, after: false }),
    shell: ({ name }) => ({
      node: name,
      start: (request) => ({ ready: Promise.resolve(), result: answer(name, request), stop: () => undefined }),
    }),
    usage: () => ({}),
    close: async () => undefined,
  };
  async function answer(name: string, request: CommandRequest): Promise<Transcript> {
    const script = node.scripted.get(request.command.id);
    await node.before.get(request.command.id)?.();
    const { argv, input } = fillTemplate(request.command, request.params);
    node.ran.push(argv.join(' '));
    const done =
      script && !script.after
        ? { exit: 0, stdout: '', stderr: '' }
        : await runHere([...inside, ...argv], environment, input ?? '');
    if (script?.answer instanceof LookError) throw script.answer;
    return {
      node: name,
      command: commandLine(argv, input),
      at: '2026-01-01T00:00:00.000Z',
      durationMs: 1,
      timedOut: false,
      truncated: false,
      file: null,
      ...done,
      ...script?.answer,
    };
  }
  return node;
}

/** Lets the node's calicoctl say that the pod has no endpoint. */
export function saysNoEndpoint({ scripted }: LocalNode): void {
  const stderr = 'resource does not exist: WorkloadEndpoint(shop/e) with error: <nil>';
  scripted.set('calicoctl-get-workloadendpoint-json', { answer: { exit: 1, stderr }, after: false });
}

/** What a fix is given: this node, and a cluster that it only reads. `objects`: all that the cluster has. */
export function localAccess(
  shells: NodeShells,
  objects: readonly KubernetesObject[] = [],
  sleep: ClusterAccess['clock']['sleep'] = async () => undefined,
): ClusterAccess {
  return {
    cluster: knownObjects(objects),
    writer: noWrites,
    shells,
    close: async () => undefined,
    clock: { now: () => new Date('2026-01-01T00:00:00Z'), sleep },
  };
}

async function runHere(
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
  input: string,
): Promise<Pick<Transcript, 'exit' | 'stdout' | 'stderr'>> {
  const { status, stdout, stderr } = await attempt([...argv], input, { ...process.env, ...environment });
  return { exit: status, stdout, stderr };
}
