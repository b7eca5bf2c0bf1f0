import pLimit from 'p-limit';
import type { CommandRequest, Transcript } from '../../model/command.ts';
import type { NodeAddress, NodeShells } from '../../model/ports.ts';
import type { HelperWay } from './helper-way.ts';
import { NodeLink } from './node-link.ts';
import { RunShells } from './run-shells.ts';

export interface SharedOptions {
  /** An unused connection is closed after this time. */
  readonly idleMs?: number;
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

/** Well under sshd's MaxStartups (10), where handshakes are dropped at random. */
const handshakesAtOnce = 8;

/** Returns connections that go one way. */
export function nodeConnections(way: HelperWay, { idleMs = 60_000, onTranscript }: SharedOptions): NodeConnections {
  const linkOptions = { way, idleMs, dialing: pLimit(handshakesAtOnce) };
  const links = new Map<string, NodeLink>();
  const linkOf = (node: NodeAddress): NodeLink => {
    const key = `${node.name} ${node.address}`;
    const link = links.get(key) ?? new NodeLink(node, linkOptions);
    links.set(key, link);
    return link;
  };
  return {
    shells: () => new RunShells(linkOf, onTranscript, () => Promise.resolve()),
    close: async () => {
      await Promise.all([...links.values()].map((link) => link.close()));
      way.close?.();
    },
  };
}

/** Shells with connections of their own, closed by `close()`: for a program that makes one run. */
export function ownShells(connections: NodeConnections): NodeShells {
  const shells = connections.shells();
  return { shell: (node) => shells.shell(node), usage: () => shells.usage(), close: () => connections.close() };
}
