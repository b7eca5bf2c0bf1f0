import type { NodeShells } from '../model/ports.ts';
import {
  nodeConnections,
  ownShells,
  type NodeConnections,
  type SharedOptions,
} from './node-helper/node-connections.ts';
import { parseKnownHosts } from './ssh/known-hosts.ts';
import { sshWay } from './ssh/ssh-way.ts';

export interface NodeConnectionOptions extends SharedOptions {
  readonly user: string;
  /** The private key itself, as OpenSSH or PEM text. */
  readonly privateKey: string;
  /** Content of a known_hosts file. A host that is not in it is never talked to. */
  readonly knownHosts: string;
  readonly port?: number;
  readonly connectTimeoutMs?: number;
  /** The command that starts the node's helper; deploy/node says where it is installed. */
  readonly helper?: string;
}

const helperPath = '/usr/local/bin/calico-chatops-node';

/** Connections over SSH. */
export function createNodeConnections(options: NodeConnectionOptions): NodeConnections {
  const { user, privateKey, port = 22, connectTimeoutMs = 10_000 } = options;
  const helper = options.helper ?? (user === 'root' ? helperPath : `sudo -n ${helperPath}`);
  const knownHosts = parseKnownHosts(options.knownHosts);
  return nodeConnections(sshWay({ user, privateKey, port, connectTimeoutMs, helper, knownHosts }), options);
}

/** Shells over SSH with connections of their own, closed by `close()`: for a program that makes one run. */
export function createNodeShells(options: NodeConnectionOptions): NodeShells {
  return ownShells(createNodeConnections(options));
}
