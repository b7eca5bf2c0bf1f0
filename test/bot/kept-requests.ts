/** The way from Slack to the bot, with somebody on it who keeps every request and can send it again. */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen } from '../support/listening.ts';

/** A request as it passed, signature and all. */
export interface KeptRequest {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Wire {
  /** Starts it in front of the port of a bot. @returns the address that Slack posts to */
  readonly before: (port: number) => Promise<string>;
  /** The newest click on a button that passed. @throws where none passed */
  click(action: string): KeptRequest;
  /** Sends a request to the bot. @returns the status of the answer */
  send(request: KeptRequest): Promise<number>;
  stop(): Promise<void>;
}

const carried = ['content-type', 'x-slack-request-timestamp', 'x-slack-signature'];

export function createWire(): Wire {
  const kept: KeptRequest[] = [];
  let bot = '';
  const post = ({ body, headers }: KeptRequest) => fetch(`${bot}/slack/events`, { method: 'POST', headers, body });
  const server = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      const headers = Object.fromEntries(carried.map((name) => [name, String(request.headers[name] ?? '')]));
      kept.push({ body, headers });
      const answer = await post({ body, headers });
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
      response.end(await answer.text());
    })().catch(() => response.destroy());
  });
  return {
    async before(port) {
      bot = `http://127.0.0.1:${port}`;
      return `http://127.0.0.1:${await listen(server)}`;
    },
    click(action) {
      const found = kept.findLast(({ body }) => decodeURIComponent(body).includes(`"action_id":"${action}"`));
      if (!found) throw new Error(`no click on ${action} passed`);
      return found;
    },
    send: async (request) => (await post(request)).status,
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
