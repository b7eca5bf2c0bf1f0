import type { ServerResponse } from 'node:http';
import type { World } from '../state/world.ts';

/** Streams changes as server-sent events: `data: {version, kind, channel?, user?, ts?}`. */
export function streamChanges(world: World, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(`data: ${JSON.stringify({ version: world.changes.version(), kind: 'hello' })}\n\n`);
  const unsubscribe = world.changes.subscribe((change, version) => {
    response.write(`data: ${JSON.stringify({ version, ...change })}\n\n`);
  });
  response.on('close', unsubscribe);
}
