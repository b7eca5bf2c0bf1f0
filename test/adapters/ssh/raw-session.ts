/** Sessions with the node's helper as anybody may open them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';

export const greeting = 'calico-chatops-node 1\n';
export const home = '/var/lib/calico-chatops';

interface Ended {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one of OpenSSH's programs until it ends, with this on its standard input. */
export async function openSsh(
  program: string,
  args: readonly string[],
  input = '',
  environment: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const child = spawn(program, args, { env: { ...process.env, ...environment }, timeout: 20_000 });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [exit]: (number | null)[] = await once(child, 'close');
  return { exit: exit ?? null, ...said };
}

/** What comes back from a port of this machine, until it is closed. */
export async function talk(port: number, text: string | Buffer): Promise<string> {
  const socket = net.connect({ port, host: '127.0.0.1' });
  let got = '';
  socket.on('data', (chunk: Buffer) => (got += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  // Open for so long only where it leads somewhere: what came by then tells.
  socket.setTimeout(5000, () => socket.destroy());
  const closed = new Promise((done) => socket.once('close', done));
  socket.write(text);
  await closed;
  return got;
}
