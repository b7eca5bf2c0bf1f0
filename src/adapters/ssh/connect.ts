import net from 'node:net';
import type { Duplex } from 'node:stream';
import { NodeSSH } from 'node-ssh';
import { LookError } from '../../model/look-error.ts';
import type { NodeAddress } from '../../model/ports.ts';
import { afterAwake } from '../awake-timer.ts';
import { thrown } from '../thrown.ts';
import { algorithms, hostKeyAlgorithms } from './algorithms.ts';
import { arpTable, isSilentToArp } from './arp-silence.ts';
import { fingerprint, knownHostsName, type HostKeyStatus, type KnownHosts } from './known-hosts.ts';

export interface ConnectOptions {
  readonly user: string;
  /** The private key itself, as OpenSSH or PEM text; not given: the ssh-agent has it. */
  readonly privateKey?: string;
  /** Socket of an ssh-agent. */
  readonly agent?: string;
  readonly knownHosts: KnownHosts;
  readonly port: number;
  /** Opens the stream to the node; not given: a connection of this machine. */
  readonly through?: (address: string, port: number) => Promise<Duplex>;
  readonly connectTimeoutMs: number;
  /** Gives the attempt up, and leaves no connection behind. */
  readonly signal?: AbortSignal;
}

interface ShownKey {
  readonly status: HostKeyStatus;
  readonly print: string;
}

const whyRefused: Record<Exclude<HostKeyStatus, 'known'>, string> = {
  unknown: 'is not in known_hosts',
  changed: 'is not the one in known_hosts',
  revoked: 'is revoked in known_hosts',
  'of-another-name': 'is the key of another name in known_hosts: add a line that names this node',
  authority: 'is vouched for in known_hosts by a certificate authority only, which is not supported',
};

/** Nothing came back within our time. */
class NoAnswer extends Error {}

/**
 * The kernel says these for what a router or a firewall answered (ICMP), where it has no route, and where nobody
 * answers ARP: only the last is silence of the node.
 */
const noWay: ReadonlySet<string> = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN']);

/** A refusal and a reset are answers. */
function undialed(error: unknown, where: string, address: string): LookError {
  const { code, message } = thrown(error);
  const because = (found: LookError['code'], more = '') =>
    new LookError(found, `${where}: ${message}${more}`, { cause: error });
  if (error instanceof LookError) return because(error.code);
  if (error instanceof NoAnswer || code === 'ETIMEDOUT') return because('ssh-no-answer');
  if (code === null || !noWay.has(code)) return because('ssh-refused');
  if (isSilentToArp(arpTable(), address)) return because('ssh-no-answer', ' (nobody answers ARP)');
  // Whether a neighbour was silent, no table of IPv6 was read to say.
  const orSilent = net.isIPv6(address) ? 'nobody answers at this address, or ' : '';
  return because('ssh-unreachable', ` (${orSilent}this machine, a router or a firewall has no way there)`);
}

/**
 * Opens a TCP connection without Nagle's delay, which costs some 45 ms a command otherwise.
 * @throws Error of the socket, also when the time is over
 */
async function dial(
  host: string,
  port: number,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<net.Socket> {
  const socket = net.connect({ host, port, noDelay: true });
  // Stays for the socket's life: an error that nobody listens to would end the process.
  socket.on('error', () => undefined);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = afterAwake(timeoutMs, () => reject(new NoAnswer(`no answer within ${timeoutMs} ms`)));
  socket.once('connect', resolve);
  socket.once('error', reject);
  const giveUp = () => reject(new Error('the connection was closed here'));
  if (signal?.aborted === true) giveUp();
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    await promise;
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    stop();
    signal?.removeEventListener('abort', giveUp);
    socket.off('error', reject);
  }
}

/**
 * Connects and logs in, if the server's host key is in known_hosts for the node's name, or for its address where the
 * file does not know the name.
 * @throws LookError `ssh-host-key`, `ssh-no-answer`, `ssh-unreachable`, `ssh-refused`, or `ssh-lost` (cut off during
 *   the handshake: may be tried again)
 */
export async function connect(node: NodeAddress, options: ConnectOptions): Promise<NodeSSH> {
  const { user, privateKey, agent, knownHosts, port, connectTimeoutMs, signal, through } = options;
  const host = { name: knownHostsName(node.name, port), address: knownHostsName(node.address, port) };
  const where = `${node.name} (${node.address}:${port})`;
  const shown: ShownKey[] = [];
  const dialing = through?.(node.address, port) ?? dial(node.address, port, connectTimeoutMs, signal);
  const socket = await dialing.catch((error: unknown) => {
    throw undialed(error, where, node.address);
  });
  // Stays for the stream's life: an error that nobody listens to would end the process.
  socket.on('error', () => undefined);
  const onFile = knownHosts.algorithms(host);
  const ssh = new NodeSSH();
  sockets.set(ssh, socket);
  const giveUp = () => cut(ssh);
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    const connecting = ssh.connect({
      sock: socket,
      username: user,
      ...(agent === undefined ? {} : { agent }),
      ...(privateKey === undefined ? {} : { privateKey }),
      readyTimeout: connectTimeoutMs,
      keepaliveInterval: 3000,
      keepaliveCountMax: 3,
      algorithms: { ...algorithms, serverHostKey: onFile.length > 0 ? onFile : [...hostKeyAlgorithms] },
      hostVerifier: (key: Buffer) => {
        const status = knownHosts.check(host, key);
        shown.push({ status, print: fingerprint(key) });
        return status === 'known';
      },
    });
    // At once: node-ssh takes its own listener away when it is ready, and an error may come in the same piece of data.
    ssh.connection?.on('error', () => undefined);
    await connecting;
  } catch (error) {
    cut(ssh);
    throw explain(error, where, user, shown.at(-1), onFile);
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
  return ssh;
}

const sockets = new WeakMap<NodeSSH, Duplex>();

/**
 * Ends a connection at once, also when the server would go on sending, or its own end never gets here: nothing more is
 * read from it.
 */
export function cut(ssh: NodeSSH): void {
  ssh.dispose();
  sockets.get(ssh)?.destroy();
}

function explain(
  error: unknown,
  where: string,
  user: string,
  hostKey: ShownKey | undefined,
  onFile: readonly string[],
): LookError {
  const { message, level } = thrown(error);
  if (hostKey !== undefined && hostKey.status !== 'known') {
    return new LookError('ssh-host-key', `${where}: its host key ${hostKey.print} ${whyRefused[hostKey.status]}`, {
      cause: error,
    });
  }
  if (onFile.length > 0 && /no matching (?:server )?host key/i.test(message)) {
    return new LookError(
      'ssh-host-key',
      `${where}: it has no host key of the kind in known_hosts (${onFile.join(', ')})`,
      { cause: error },
    );
  }
  if (level === 'client-authentication')
    return new LookError('ssh-refused', `${where}: the key of ${user} was not accepted`, { cause: error });
  const cutOff = /lost before handshake|ECONNRESET|EPIPE|socket hang up/i.test(message);
  return new LookError(cutOff ? 'ssh-lost' : 'ssh-refused', `${where}: ${message}`, { cause: error });
}
