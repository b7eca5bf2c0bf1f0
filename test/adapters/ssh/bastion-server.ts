import { once } from 'node:events';
import net from 'node:net';
import ssh2 from 'ssh2';
import { newKeyPair } from './key-pair.ts';

/** An SSH server that forwards, and runs nothing. */
export interface BastionServer {
  readonly port: number;
  /** `type base64` of its host key. */
  readonly hostKey: string;
  /** Where it forwarded to, as `address:port`. */
  readonly forwarded: readonly string[];
  /** Logins so far. */
  logins(): number;
  close(): Promise<void>;
}

/** @param forwards whether it opens what it is asked for */
export async function startBastion(forwards: boolean | 'never-answers' = true): Promise<BastionServer> {
  const keys = newKeyPair();
  const forwarded: string[] = [];
  const sockets = new Set<net.Socket>();
  let logins = 0;
  const server = new ssh2.Server({ hostKeys: [keys.private] }, (client) => {
    client.on('error', () => undefined);
    client.on('authentication', (context) => context.accept());
    client.on('ready', () => (logins += 1));
    client.on('tcpip', (accept, reject, { destIP, destPort }) => {
      if (forwards === 'never-answers') return;
      if (!forwards) return reject?.();
      forwarded.push(`${destIP}:${destPort}`);
      const near = accept();
      const far = net.connect({ host: destIP, port: destPort, noDelay: true });
      sockets.add(far);
      far.on('error', () => near.end());
      far.on('close', () => sockets.delete(far));
      near.on('close', () => far.destroy());
      near.pipe(far).pipe(near);
    });
  });
  const listener = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    server.injectSocket(socket);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    hostKey: keys.public.split(' ').slice(0, 2).join(' '),
    forwarded,
    logins: () => logins,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => listener.close(closed));
    },
  };
}
