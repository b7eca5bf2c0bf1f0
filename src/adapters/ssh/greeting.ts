import net from 'node:net';
import { afterAwake } from '../awake-timer.ts';

/** RFC 4253, section 4.2: what a server of SSH says first, perhaps behind other lines. */
const greeting = /^SSH-/m;
const mostCharacters = 8_192;

/**
 * Asks whether an SSH server answers. It sends nothing and does not log in.
 * @returns false also if something else answers, or nothing in time
 */
export async function greets(address: string, port: number, timeoutMs: number): Promise<boolean> {
  const socket = net.connect({ host: address, port });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const stop = afterAwake(timeoutMs, () => resolve(false));
  let said = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    said = `${said}${text}`.slice(0, mostCharacters);
    if (greeting.test(said)) resolve(true);
    else if (said.length === mostCharacters) resolve(false);
  });
  socket.on('error', () => resolve(false)).on('close', () => resolve(false));
  try {
    return await promise;
  } finally {
    stop();
    socket.destroy();
  }
}
