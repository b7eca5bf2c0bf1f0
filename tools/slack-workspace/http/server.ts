import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createControl } from '../control/routes.ts';
import type { SocketMode } from '../delivery/socket-mode.ts';
import type { Session } from '../interactions/session.ts';
import { readExchange, sendJson } from './exchange.ts';
import { pageRoute } from './page-routes.ts';
import { slackRoute } from './slack-routes.ts';

/** Starts the one HTTP server of a workspace and sets the world's origin. Rejects when the address cannot be had. */
export async function listen(session: Session, sockets: SocketMode, host: string, port: number): Promise<Server> {
  const { world } = session;
  const control = createControl(session, sockets);
  const server = createServer((request, response) => void answer(request, response));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (isForeign(request)) return sendJson(response, 403, { ok: false, error: 'foreign_origin' });
      const exchange = await readExchange(request, response, world.origin);
      const answered =
        (await slackRoute(session, exchange)) || (await control(exchange)) || (await pageRoute(exchange));
      if (!answered) sendJson(response, 404, { ok: false, error: 'not_found' });
    } catch (error) {
      console.error('workspace:', error);
      if (!response.headersSent) sendJson(response, 500, { ok: false, error: 'fatal_error' });
    }
  }

  server.on('upgrade', (request, socket, head) => sockets.upgrade(request, socket, head));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  const address = server.address();
  const boundPort = typeof address === 'object' && address ? address.port : port;
  world.origin = `http://${host.includes(':') ? `[${host}]` : host}:${boundPort}`;
  return server;
}

/** A page of another site must not act here through the browser of someone who has the workspace open. */
function isForeign(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  return origin !== undefined && origin !== `http://${host}`;
}
