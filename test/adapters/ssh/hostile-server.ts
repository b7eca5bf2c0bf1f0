import net from 'node:net';
import ssh2, { type Algorithms, type ServerChannel } from 'ssh2';
import { newKeyPair } from './key-pair.ts';
import { connectionsOf, listen, type Connections } from '../../support/listening.ts';

/** An SSH server that answers the helper's requests as a test says. */
export interface HostileServer extends Connections {
  readonly port: number;
  /** `type base64` of its host key. */
  readonly hostKey: string;
  /** Connections made so far. */
  connections(): number;
}

export interface Behaviour {
  /** Told when the helper is started. */
  readonly started?: (channel: ServerChannel, socket: net.Socket) => void;
  /** Told every line that the bot sends. */
  readonly asked?: (line: string, channel: ServerChannel, socket: net.Socket) => void;
  readonly algorithms?: Algorithms;
}

export const greeting = 'calico-chatops-node 1\n';
export const keys = newKeyPair();
const hostKeys = newKeyPair();

export async function startHostileServer({
  started = (channel) => void channel.write(greeting),
  asked = () => undefined,
  algorithms,
}: Behaviour): Promise<HostileServer> {
  const server = new ssh2.Server({ hostKeys: [hostKeys.private], ...(algorithms && { algorithms }) });
  let connections = 0;
  let socket: net.Socket | null = null;
  const listener = net.createServer((accepted) => {
    connections += 1;
    socket = accepted;
    accepted.setNoDelay(true);
    server.injectSocket(accepted);
  });
  server.on('connection', (client) => {
    const wire = socket;
    client.on('error', () => undefined);
    client.on('authentication', (context) => context.accept());
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec) => {
        const channel = acceptExec();
        if (!wire) return;
        channel.on('error', () => undefined);
        let rest = '';
        channel.on('data', (chunk: Buffer) => {
          const lines = (rest + chunk.toString()).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) asked(line, channel, wire);
        });
        started(channel, wire);
      });
    });
  });
  const held = connectionsOf(listener);
  return {
    ...held,
    port: await listen(listener),
    hostKey: hostKeys.public.split(' ').slice(0, 2).join(' '),
    connections: () => connections,
  };
}

/** A wire to a server that never hangs up: what the bot ends, it keeps open, and goes on sending. */
export async function startDeafWire(to: number): Promise<Connections & { readonly port: number }> {
  const listener = net.createServer({ allowHalfOpen: true }, (near) => {
    const far = net.connect({ port: to, host: '127.0.0.1', noDelay: true });
    near.on('data', (chunk) => far.write(chunk));
    far.on('data', (chunk) => near.write(chunk));
    far.on('error', () => undefined);
    near.on('end', () => {
      const sending = setInterval(() => near.write(Buffer.alloc(1000, 'x')), 10);
      near.on('close', () => clearInterval(sending));
    });
    near.on('close', () => far.destroy());
  });
  const held = connectionsOf(listener);
  return { ...held, port: await listen(listener) };
}

/** Writes so many bytes as fast as they are taken, until the channel is gone. */
export function pour(channel: ServerChannel, bytes: number): void {
  const chunk = Buffer.alloc(256 * 1024, 'x');
  let left = bytes;
  const more = () => {
    while (left > 0 && channel.writable) {
      const part = left < chunk.length ? chunk.subarray(0, left) : chunk;
      left -= part.length;
      if (!channel.write(part)) {
        channel.once('drain', more);
        return;
      }
    }
  };
  more();
}

/** The number of a request line; null for another line. */
export function idOf(line: string): number | null {
  const id = /^(\d+) /.exec(line)?.[1];
  return id === undefined ? null : Number(id);
}
