import pLimit from 'p-limit';
import type { CommandRequest, Transcript } from '../model/command.ts';
import type { NodeAddress, NodeShells } from '../model/ports.ts';
import { parseKnownHosts } from './ssh/known-hosts.ts';
import { NodeLink } from './ssh/node-link.ts';
import { RunShells } from './ssh/run-shells.ts';

export interface NodeConnectionOptions {
  readonly user: string;
  /** The private key itself, as OpenSSH or PEM text. */
  readonly privateKey: string;
  /** Content of a known_hosts file. A host that is not in it is never talked to. */
  readonly knownHosts: string;
  readonly port?: number;
  readonly connectTimeoutMs?: number;
  /** An unused connection is closed after this time. */
  readonly idleMs?: number;
  /** The command that starts the node's helper; deploy/node says where it is installed. */
  readonly helper?: string;
  readonly onTranscript?: (request: CommandRequest, transcript: Transcript) => void;
}

/** The connections of a process: one a node, shared by all runs. */
export interface NodeConnections {
  /**
   * Shells for one run: with its own usage, and at most one new connection to a node that was lost. Its `close` closes
   * nothing.
   */
  shells(): NodeShells;
  close(): Promise<void>;
}

const helperPath = '/usr/local/bin/calico-chatops-node';
/** Well under sshd's MaxStartups (10), where handshakes are dropped at random. */
const handshakesAtOnce = 8;

export function createNodeConnections(options: NodeConnectionOptions): NodeConnections {
  const { user, privateKey, port = 22, connectTimeoutMs = 10_000, idleMs = 60_000 } = options;
  const helper = options.helper ?? (user === 'root' ? helperPath : `sudo -n ${helperPath}`);
  const linkOptions = {
    user,
    privateKey,
    port,
    connectTimeoutMs,
    idleMs,
    helper,
    knownHosts: parseKnownHosts(options.knownHosts),
    dialing: pLimit(handshakesAtOnce),
  };
  const links = new Map<string, NodeLink>();
  const linkOf = (node: NodeAddress): NodeLink => {
    const key = `${node.name} ${node.address}`;
    const link = links.get(key) ?? new NodeLink(node, linkOptions);
    links.set(key, link);
    return link;
  };
  return {
    shells: () => new RunShells(linkOf, options.onTranscript, () => Promise.resolve()),
    close: async () => {
      await Promise.all([...links.values()].map((link) => link.close()));
    },
  };
}

/** Shells with connections of their own, closed by `close()`: for a program that makes one run. */
export function createNodeShells(options: NodeConnectionOptions): NodeShells {
  const connections = createNodeConnections(options);
  const shells = connections.shells();
  return { shell: (node) => shells.shell(node), usage: () => shells.usage(), close: () => connections.close() };
}
