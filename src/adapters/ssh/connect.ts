import net from 'node:net';
import { NodeSSH } from 'node-ssh';
import { LookError } from '../../model/look-error.ts';
import type { NodeAddress } from '../../model/ports.ts';
import { thrown } from '../thrown.ts';
import { fingerprint, knownHostsName, type HostKeyStatus, type KnownHosts } from './known-hosts.ts';

export interface ConnectOptions {
  readonly user: string;
  /** The private key itself, as OpenSSH or PEM text. */
  readonly privateKey: string;
  readonly knownHosts: KnownHosts;
  readonly port: number;
  readonly connectTimeoutMs: number;
}

interface ShownKey {
  readonly status: HostKeyStatus;
  readonly print: string;
}

const whyRefused: Record<Exclude<HostKeyStatus, 'known'>, string> = {
  unknown: 'is not in known_hosts',
  changed: 'is not the one in known_hosts',
  revoked: 'is revoked in known_hosts',
  authority: 'is vouched for in known_hosts by a certificate authority only, which is not supported',
};

/**
 * Opens a TCP connection without Nagle's delay, which costs some 45 ms a command otherwise.
 * @throws Error of the socket, also when the time is over
 */
async function dial(host: string, port: number, timeoutMs: number): Promise<net.Socket> {
  const socket = net.connect({ host, port, noDelay: true });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  socket.once('connect', resolve);
  socket.once('error', reject);
  try {
    await promise;
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    socket.off('error', reject);
  }
}

/**
 * Connects and logs in, if the server's host key is in known_hosts for its address or its name.
 * @throws LookError `ssh-host-key`, `ssh-refused`, or `ssh-lost` (cut off during the handshake: may be tried again)
 */
export async function connect(node: NodeAddress, options: ConnectOptions): Promise<NodeSSH> {
  const { user, privateKey, knownHosts, port, connectTimeoutMs } = options;
  const names = [node.address, node.name].map((name) => knownHostsName(name, port));
  const where = `${node.name} (${node.address}:${port})`;
  const shown: ShownKey[] = [];
  const socket = await dial(node.address, port, connectTimeoutMs).catch((error: unknown) => {
    throw new LookError('ssh-refused', `${where}: ${thrown(error).message}`, { cause: error });
  });
  const algorithms = knownHosts.algorithms(names);
  const ssh = new NodeSSH();
  try {
    await ssh.connect({
      sock: socket, username: user, privateKey, readyTimeout: connectTimeoutMs, keepaliveInterval: 3000, keepaliveCountMax: 3,
      ...(algorithms.length > 0 && { algorithms: { serverHostKey: algorithms } }),
      hostVerifier: (key: Buffer) => {
        const status = knownHosts.check(names, key);
        shown.push({ status, print: fingerprint(key) });
        return status === 'known';
      },
    });
  } catch (error) {
    socket.destroy();
    throw explain(error, where, user, shown.at(-1), algorithms);
  }
  // node-ssh takes its own listener away; without one a reset would end the process. 'close' follows and is handled.
  ssh.connection?.on('error', () => undefined);
  return ssh;
}

function explain(error: unknown, where: string, user: string, hostKey: ShownKey | undefined, algorithms: readonly string[]): LookError {
  const { message, level } = thrown(error);
  if (hostKey !== undefined && hostKey.status !== 'known') {
    return new LookError('ssh-host-key', `${where}: its host key ${hostKey.print} ${whyRefused[hostKey.status]}`, { cause: error });
  }
  if (algorithms.length > 0 && /no matching (?:server )?host key/i.test(message)) {
    return new LookError('ssh-host-key', `${where}: it has no host key of the kind in known_hosts (${algorithms.join(', ')})`, { cause: error });
  }
  if (level === 'client-authentication') return new LookError('ssh-refused', `${where}: the key of ${user} was not accepted`, { cause: error });
  const cutOff = /lost before handshake|ECONNRESET|EPIPE|socket hang up/i.test(message);
  return new LookError(cutOff ? 'ssh-lost' : 'ssh-refused', `${where}: ${message}`, { cause: error });
}
