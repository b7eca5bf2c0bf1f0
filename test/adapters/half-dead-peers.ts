/**
 * A program beside a test: an API server and an SSH server behind a path that loses every large packet on its way to
 * the client. TCP delivers in order, so after the first one nothing arrives any more: no byte, and no end of the
 * connection. Small ones, and all that the client sends, still get through. Prints where they listen, then runs until
 * it is killed.
 */
import { readFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import net from 'node:net';
import { listen } from '../support/listening.ts';
import { greeting, startHostileServer } from './ssh/hostile-server.ts';

export interface HalfDeadPeers {
  readonly api: number;
  readonly ssh: number;
  /** `type base64` of the SSH server's host key. */
  readonly hostKey: string;
}

const largestThatArrives = 1400;

/** @returns the port of a path to a port of this machine */
async function halfDeadPath(to: number): Promise<number> {
  const path = net.createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = net.connect({ port: to, host: '127.0.0.1', noDelay: true });
    let stalled = false;
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) => {
      stalled ||= bytes.length > largestThatArrives;
      if (!stalled) near.write(bytes);
    });
    near.on('error', () => undefined);
    far.on('error', () => undefined);
    near.on('close', () => far.destroy());
  });
  return listen(path);
}

const [key = '', certificate = ''] = process.argv.slice(2);
const options = { key: readFileSync(key), cert: readFileSync(certificate), allowHTTP1: true };
const api = createSecureServer(options, (_, response) => response.end('x'.repeat(8000)));
const ssh = await startHostileServer({
  started: (channel) => void channel.write(greeting),
  asked: (_, channel) => void channel.write('x'.repeat(8000)),
});
const peers: HalfDeadPeers = {
  api: await halfDeadPath(await listen(api)),
  ssh: await halfDeadPath(ssh.port),
  hostKey: ssh.hostKey,
};
process.stdout.write(`${JSON.stringify(peers)}\n`);
