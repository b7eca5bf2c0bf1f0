import net from 'node:net';
import ssh2 from 'ssh2';
import { newKeyPair } from './key-pair.ts';
import { connectionsOf, listen } from '../../support/listening.ts';

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
      far.on('error', () => near.end());
      near.on('close', () => far.destroy());
      near.pipe(far).pipe(near);
    });
  });
  const listener = net.createServer((socket) => server.injectSocket(socket));
  const { close } = connectionsOf(listener);
  return {
    port: await listen(listener),
    hostKey: keys.public.split(' ').slice(0, 2).join(' '),
    forwarded,
    logins: () => logins,
    close,
  };
}
