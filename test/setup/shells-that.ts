/** Nodes that say what a test wants them to say. */
import type { CommandRequest, RunningCommand, Transcript } from '../../src/model/command.ts';
import type { KubernetesNode } from '../../src/model/kubernetes.ts';
import { LookError } from '../../src/model/look-error.ts';
import type { NodeShells } from '../../src/model/ports.ts';
import { allowListDigests } from '../../src/setup/allow-list-digests.ts';

export const settings = { via: 'ssh' as const, hostsFile: 'FILE', needsCalicoctl: Promise.resolve(true) };
export const names = ['node-a', 'node-b', 'node-c'];
export const nodes: readonly KubernetesNode[] = names.map((name, at) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  spec: {},
  status: { addresses: [{ type: 'InternalIP', address: `192.0.2.${at + 1}` }] },
}));

/** What a node says to a command; null: that it ran well. */
export type Says = (node: string, request: CommandRequest) => LookError | Partial<Transcript> | null;

const routes = JSON.stringify([{ dst: 'default', gateway: '192.0.2.254', dev: 'eth0', protocol: 'static', flags: [] }]);
const stdouts: Readonly<Record<string, string>> = {
  'allow-list-digests': `${allowListDigests.reading}\n${allowListDigests.fixing}\n`,
  'ip-route-show': routes,
  'calicoctl-get-clusterinformation': 'kind: ClusterInformation\nspec: {}\n',
};

/** Nodes on which everything is well but what `says` gives. What asks for `nothing` is refused as the helper does. */
export function shellsThat(says: Says): NodeShells & { readonly ran: CommandRequest[] } {
  const ran: CommandRequest[] = [];
  return {
    ran,
    usage: () => ({}),
    close: () => Promise.resolve(),
    shell: ({ name: node }) => ({
      node,
      start(request): RunningCommand {
        const { id } = request.command;
        const said =
          says(node, request) ??
          ('nothing' in request.params
            ? new LookError('node-helper-missing', `${node}: its helper refused: ${id}: takes no nothing`)
            : null);
        if (said instanceof LookError) {
          const lost = Promise.reject(said);
          lost.catch(() => undefined);
          return { ready: lost, result: lost, stop: () => undefined };
        }
        ran.push(request);
        const transcript: Transcript = {
          node,
          command: request.command.argv.join(' '),
          at: '2026-11-23T10:00:00.000Z',
          durationMs: 1,
          exit: 0,
          stdout: stdouts[id] ?? '',
          stderr: '',
          timedOut: false,
          truncated: false,
          file: null,
          ...said,
        };
        return { ready: Promise.resolve(), result: Promise.resolve(transcript), stop: () => undefined };
      },
    }),
  };
}

export const on = (which: readonly string[], what: (node: string, request: CommandRequest) => ReturnType<Says>): Says =>
  function says(node, request) {
    return which.includes(node) ? what(node, request) : null;
  };
export const lost = (code: LookError['code'], reason: string) => (node: string) =>
  new LookError(code, `${node} (192.0.2.${names.indexOf(node) + 1}:22): ${reason}`);
export const helper = (said: string) => (node: string) => new LookError('node-helper-missing', `${node}: ${said}`);
