import type { NodeSSH } from 'node-ssh';
import type { ClientChannel } from 'ssh2';
import { LookError } from '../../model/look-error.ts';
import type { NodeAddress } from '../../model/ports.ts';
import type { HelperEvents, HelperInput, HelperWay, NodeConnection } from '../node-helper/helper-way.ts';
import { Bastion, type BastionHost } from './bastion.ts';
import { connect, cut, type ConnectOptions } from './connect.ts';
import type { KnownHosts } from './known-hosts.ts';

interface SshWayOptions extends Omit<ConnectOptions, 'signal' | 'through' | 'knownHosts' | 'privateKey'> {
  /** Asked before each connection, as `knownHosts` is. */
  readonly privateKey?: () => Promise<string>;
  /** Asked before each connection: the file may have changed. */
  readonly knownHosts: () => Promise<KnownHosts>;
  /** Not given: nodes are reached from here. */
  readonly jump?: BastionHost;
  /** The command that starts the node's helper. */
  readonly helper: string;
}

/** The way over SSH: one connection a node, and a channel on it for each run of the helper. */
export function sshWay({
  knownHosts: readKnownHosts,
  privateKey: readKey,
  jump,
  ...options
}: SshWayOptions): HelperWay {
  const bastion = jump === undefined ? null : new Bastion(jump);
  const login = async (node: NodeAddress, signal: AbortSignal) => {
    const [knownHosts, privateKey] = await Promise.all([readKnownHosts(), readKey?.()]);
    const known = { ...options, knownHosts, ...(privateKey === undefined ? {} : { privateKey }) };
    if (bastion === null) return connect(node, { ...known, signal });
    return connect(node, { ...known, signal, through: (address, port) => bastion.stream(address, port, known) });
  };
  return {
    lostCode: 'ssh-lost',
    label: (node) => node,
    startTimeoutMs: options.connectTimeoutMs,
    connect: async (node, signal) => sshConnection(node.name, await login(node, signal), options.helper),
    close: () => bastion?.close(),
  };
}

/** @param helper the command that starts the node's helper */
export function sshConnection(node: string, ssh: NodeSSH, helper: string): NodeConnection {
  return {
    start: (events) => startHelper(node, ssh, helper, events),
    cut: () => cut(ssh),
    onceClosed: (told) => void ssh.connection?.once('close', told),
  };
}

async function startHelper(node: string, ssh: NodeSSH, command: string, events: HelperEvents): Promise<HelperInput> {
  const client = ssh.connection;
  if (client === null) throw new LookError('ssh-lost', `${node}: the connection is gone`);
  const opened = Promise.withResolvers<HelperInput>();
  const lost = (cause?: Error) =>
    opened.reject(
      new LookError(
        'ssh-lost',
        `${node}: no channel for the node helper: ${cause?.message ?? 'the connection is gone'}`,
        { cause },
      ),
    );
  const closed = () => lost();
  client.once('close', closed);
  try {
    // Attach listeners inside the callback: the exit status of a command that ends at once can arrive in the same
    // chunk.
    client.exec(command, (error, channel) => {
      try {
        if (error) lost(error);
        else opened.resolve(inputOf(channel, events));
      } catch (problem) {
        opened.reject(problem);
      }
    });
    return await opened.promise;
  } finally {
    client.off('close', closed);
  }
}

function inputOf(channel: ClientChannel, events: HelperEvents): HelperInput {
  channel.on('data', (chunk: Buffer) => events.output(chunk));
  channel.stderr.on('data', (chunk: Buffer) => events.errors(chunk));
  channel.on('error', () => undefined);
  channel.stderr.on('error', () => undefined);
  channel.on('exit', () => events.exited(null));
  channel.on('close', () => events.closed());
  return { write: (text) => void channel.write(text), end: () => void channel.end() };
}
