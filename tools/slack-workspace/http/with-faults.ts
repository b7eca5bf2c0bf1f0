import type { ServerResponse } from 'node:http';
import type { World } from '../state/world.ts';
import { sendJson } from './exchange.ts';

/** Plays the fault that waits for this call, if any, around `work`, which answers the request. */
export function withFaults(
  world: World,
  name: string,
  response: ServerResponse,
  work: (response: ServerResponse) => void,
): void {
  const fault = world.faults.take(name);
  switch (fault?.kind) {
    case undefined:
      return work(response);
    case '429':
      return sendJson(response, 429, { ok: false, error: 'ratelimited' }, { 'retry-after': String(fault.retry_after) });
    case '500':
      return sendJson(response, 500, { ok: false, error: 'internal_error' });
    case 'timeout':
      return; // The line stays open, and nothing comes.
    case 'disconnect':
      return void response.destroy();
    case 'drop-answer':
      // The work is done, the answer is cut off before its first byte.
      response.writeHead = () => response;
      response.end = () => response.destroy();
      return work(response);
  }
}
