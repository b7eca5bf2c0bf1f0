import type { NodeShells } from '../model/ports.ts';
import {
  nodeConnections,
  ownShells,
  type NodeConnections,
  type SharedOptions,
} from './node-helper/node-connections.ts';
import type { BastionHost } from './ssh/bastion.ts';
import { parseKnownHosts, type KnownHosts } from './ssh/known-hosts.ts';
import { sshWay } from './ssh/ssh-way.ts';

export interface NodeConnectionOptions extends SharedOptions {
  readonly user: string;
  /** The private key, as OpenSSH or PEM text, or what reads it anew; not given: the ssh-agent has it. */
  readonly privateKey?: string | (() => Promise<string>);
  /** Socket of an ssh-agent. */
  readonly agent?: string;
  /** Content of a known_hosts file, or what reads it anew. A host that is not in it is never talked to. */
  readonly knownHosts: string | (() => Promise<string>);
  readonly port?: number;
  /** The bastion through which nodes are reached. */
  readonly jump?: BastionHost;
  readonly connectTimeoutMs?: number;
  /** The command that starts the node's helper; deploy/node says where it is installed. */
  readonly helper?: string;
}

const helperPath = '/usr/local/bin/calico-chatops-node';

/** Connections over SSH. */
export function createNodeConnections(options: NodeConnectionOptions): NodeConnections {
  const { user, privateKey, agent, jump, port = 22, connectTimeoutMs = 10_000 } = options;
  const helper = options.helper ?? (user === 'root' ? helperPath : `sudo -n ${helperPath}`);
  const way = sshWay({
    user,
    ...(privateKey === undefined ? {} : { privateKey: newest(privateKey) }),
    ...(agent === undefined ? {} : { agent }),
    port,
    connectTimeoutMs,
    helper,
    knownHosts: knownHostsReader(options.knownHosts),
    ...(jump === undefined ? {} : { jump }),
  });
  return nodeConnections(way, options);
}

/** A file that cannot be read, or is empty, is being renewed: the key that was read before is tried. */
function newest(given: string | (() => Promise<string>)): () => Promise<string> {
  if (typeof given === 'string') return () => Promise.resolve(given);
  let last = '';
  return async () => {
    const text = await given().catch((error: unknown) => {
      if (last === '') throw error;
      return '';
    });
    last = text.trim() === '' ? last : text;
    return last;
  };
}

/** Parses again only what has changed. */
function knownHostsReader(given: string | (() => Promise<string>)): () => Promise<KnownHosts> {
  const read = typeof given === 'string' ? () => Promise.resolve(given) : given;
  let last: { readonly text: string; readonly hosts: KnownHosts } | null = null;
  return async () => {
    const text = await read();
    if (last?.text !== text) last = { text, hosts: parseKnownHosts(text) };
    return last.hosts;
  };
}

/** Shells over SSH with connections of their own, closed by `close()`: for a program that makes one run. */
export function createNodeShells(options: NodeConnectionOptions): NodeShells {
  return ownShells(createNodeConnections(options));
}
