/** Nodes without some programs: whatever command runs one ends as it would on such a node. */
import type { CommandRequest, RunningCommand, Transcript } from '../../src/model/command.ts';
import { LookError } from '../../src/model/look-error.ts';
import type { NodeShells } from '../../src/model/ports.ts';

const noConfig =
  'Failed to create Calico API client: invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable';

/** What `timeout` and `ip netns exec` print; exit codes are theirs. */
const endings = {
  missing: {
    direct: (tool: string) => ({
      exit: 127,
      stderr: `timeout: failed to run command '${tool}': No such file or directory`,
    }),
    inPod: (tool: string) => ({ exit: 255, stderr: `exec of "${tool}" failed: No such file or directory` }),
  },
  refused: {
    direct: (tool: string) => ({ exit: 126, stderr: `timeout: failed to run command '${tool}': Permission denied` }),
    inPod: (tool: string) => ({ exit: 255, stderr: `exec of "${tool}" failed: Permission denied` }),
  },
  /** For calicoctl and for grep, which looks into its settings. */
  unconfigured: {
    direct: (tool: string) =>
      tool === 'grep'
        ? { exit: 2, stderr: 'grep: /etc/calico/calicoctl.cfg: No such file or directory' }
        : { exit: 1, stderr: noConfig },
    inPod: () => ({ exit: 1, stderr: noConfig }),
  },
};
export type Hiding = keyof typeof endings;

/** @param tools programs by their names; `iptables-legacy-save` and the like in full */
export function hidingTools(shells: NodeShells, tools: readonly string[], how: Hiding = 'missing'): NodeShells {
  return {
    ...shells,
    shell: (address) => {
      const shell = shells.shell(address);
      return {
        node: shell.node,
        start: (request) => {
          const hidden = tools.find((tool) => runs(request, tool));
          return hidden === undefined ? shell.start(request) : ended(shell.node, request, hidden, how);
        },
      };
    },
  };
}

/** Connections to pods get no answer. */
export function silencing(shells: NodeShells): NodeShells {
  return {
    ...shells,
    shell: (address) => {
      const shell = shells.shell(address);
      return {
        node: shell.node,
        start: (request) =>
          request.command.id === 'bash-tcp-connect-in-pod'
            ? answering(shell.node, request, { exit: 124, stderr: '' })
            : shell.start(request),
      };
    },
  };
}

function runs({ command: { argv } }: CommandRequest, tool: string): boolean {
  return programsOf(argv).includes(tool);
}

/** In a pod, `ip` runs the rest. */
function programsOf(argv: readonly string[]): readonly string[] {
  if (argv[0] === 'ip' && argv[1] === 'netns' && argv[2] === 'exec') return ['ip', argv[4] ?? ''];
  return [argv[0] ?? ''];
}

function ended(node: string, request: CommandRequest, tool: string, how: Hiding): RunningCommand {
  const inPod = programsOf(request.command.argv).length > 1 && tool !== 'ip';
  return answering(node, request, endings[how][inPod ? 'inPod' : 'direct'](tool));
}

function answering(
  node: string,
  { command: { argv } }: CommandRequest,
  end: Pick<Transcript, 'exit' | 'stderr'>,
): RunningCommand {
  const transcript: Transcript = {
    node,
    command: argv.join(' '),
    at: '2026-11-23T18:00:00.000Z',
    durationMs: 1,
    stdout: '',
    timedOut: false,
    truncated: false,
    file: null,
    ...end,
  };
  const never = Promise.reject(new LookError('command-failed', 'it ended before it was under way'));
  never.catch(() => {});
  return { ready: never, result: Promise.resolve(transcript), stop: () => {} };
}
