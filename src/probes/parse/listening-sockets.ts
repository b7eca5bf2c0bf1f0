import { LookError } from '../../model/look-error.ts';
import type { ListeningSocket } from '../../model/network.ts';

const socket = /^LISTEN\s+(\d+)\s+(\d+)\s+(\S+):(\d+)\s+\S+\s*$/;

/**
 * Parses `ss -Hltn`. Nothing printed is an answer: nothing listens.
 * @throws LookError not-parsed
 */
export function parseListeningSockets(text: string): readonly ListeningSocket[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, queued, backlog, place = '', port] = socket.exec(line) ?? [];
      if (port === undefined)
        throw new LookError('not-parsed', `ss -Hltn printed a line of no known shape: ${line.slice(0, 120).trim()}`);
      // `[fe80::1]%eth0`, `[::]`, `0.0.0.0%lo`: an interface stands after the address.
      const [address = '', device = null] = place.replaceAll(/[[\]]/g, '').split('%');
      return { address, device, port: Number(port), queued: Number(queued), backlog: Number(backlog) };
    });
}
