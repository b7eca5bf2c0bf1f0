import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { commandLine, fillTemplate } from '../../src/model/command-line.ts';
import type { CommandRequest, Transcript } from '../../src/model/command.ts';
import { LookError } from '../../src/model/look-error.ts';
import type { NodeShells } from '../../src/model/ports.ts';

/** What a command says instead of being run; or an error: its outcome is unknown. */
type Scripted = Partial<Transcript> | LookError;

export interface LocalNode extends NodeShells {
  /** Command lines that were run for fixes, in order. */
  readonly ran: string[];
  /** By command id: answers instead of the command. `after`: the command runs, and this is what comes back. */
  readonly scripted: Map<string, { readonly answer: Scripted; readonly after: boolean }>;
  /** Called before a command of this id runs. */
  readonly before: Map<string, () => Promise<void>>;
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

async function runHere(
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
  input: string,
): Promise<Pick<Transcript, 'exit' | 'stdout' | 'stderr'>> {
  const [program = '', ...rest] = argv;
  const env = { ...process.env, ...environment };
  // As a helper starts it, it reads from no socket: `bash -c` that does runs ~/.bashrc first.
  const child =
    input === '' ? spawn(program, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] }) : spawn(program, rest, { env });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  const [exit] = await once(child, 'close');
  return { exit: Number(exit), ...said };
}
