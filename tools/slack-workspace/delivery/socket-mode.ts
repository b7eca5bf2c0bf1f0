import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { afterAwake } from '../../../src/adapters/awake-timer.ts';
import { objectOf } from '../json.ts';
import type { Json } from '../model.ts';
import type { World } from '../state/world.ts';
import { ANSWER_BUDGET_MS, type Answer, type Envelope, type Transport } from './envelope.ts';

const PING_INTERVAL_MS = 10_000;
/** How long a recycled socket stays open after the notice, for acknowledgements under way. */
const GRACE_MS = 2000;
/** How long a closing socket may take to say goodbye. */
const CLOSING_MS = 500;

/** Socket Mode: each envelope goes to one of the open connections. */
export interface SocketMode extends Transport {
  /** Takes over an upgrade of `/link/`; refuses one without a fresh ticket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  connections(): number;
  /** Makes up to `count` connections reconnect: with Slack's notice, or abruptly without. */
  recycle(count: number, abrupt: boolean): void;
  /** Closes every connection, by force where the app does not answer. */
  stop(): Promise<void>;
}

/** Creates the Socket Mode side of a workspace. */
export function createSocketMode(world: World): SocketMode {
  const server = new WebSocketServer({ noServer: true });
  const open: WebSocket[] = [];
  const waiting = new Map<string, { readonly overlook: boolean; readonly settle: (body: unknown) => void }>();
  let turn = 0;

  function leave(socket: WebSocket): void {
    const index = open.indexOf(socket);
    if (index < 0) return;
    open.splice(index, 1);
    world.changes.announce({ kind: 'connection' });
  }

  function welcome(socket: WebSocket): void {
    const ping = setInterval(() => socket.ping(`Ping from ${world.origin}`), PING_INTERVAL_MS);
    socket.on('close', () => {
      clearInterval(ping);
      leave(socket);
    });
    socket.on('error', () => leave(socket));
    socket.on('message', (data) => receive(data));
    open.push(socket);
    socket.send(
      JSON.stringify({
        type: 'hello',
        num_connections: open.length,
        debug_info: { host: world.origin, build_number: 1, approximate_connection_time: 18_060 },
        connection_info: { app_id: world.start.app.id },
      }),
    );
    world.changes.announce({ kind: 'connection' });
  }

  function receive(data: RawData): void {
    const ack = parseAck(data);
    const awaited = ack === null ? undefined : waiting.get(ack.id);
    if (awaited && !awaited.overlook) awaited.settle(ack?.payload);
  }

  async function send(envelope: Envelope): Promise<Answer> {
    const started = performance.now();
    const ms = (): number => Math.round(performance.now() - started);
    const fault = world.faults.take('socket');
    const id = randomUUID();
    const socket = open[turn++ % Math.max(open.length, 1)];
    if (!socket) return { acked: false, reason: 'connection_failed', mayRetry: true, ms: ms() };
    const answer = awaitAck(id, fault?.kind === 'drop-answer');
    if (fault?.kind !== 'timeout') socket.send(JSON.stringify(frame(id, envelope)));
    const body = await answer;
    if (body === noAck) return { acked: false, reason: 'http_timeout', mayRetry: true, ms: ms() };
    return { acked: true, body, ms: ms() };
  }

  function awaitAck(id: string, overlook: boolean): Promise<unknown> {
    return new Promise((resolve) => {
      const stop = afterAwake(ANSWER_BUDGET_MS, () => settle(noAck));
      function settle(body: unknown): void {
        stop();
        waiting.delete(id);
        resolve(body);
      }
      waiting.set(id, { overlook, settle });
    });
  }

  return {
    send,
    connections: () => open.length,
    upgrade(request, socket, head) {
      const ticket = new URL(request.url ?? '/', world.origin).searchParams.get('ticket') ?? '';
      if (!world.tickets.delete(ticket)) {
        socket.end('HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, welcome);
    },
    recycle(count, abrupt) {
      for (const socket of open.slice(0, count)) {
        leave(socket);
        if (abrupt) {
          socket.terminate();
          continue;
        }
        socket.send(
          JSON.stringify({ type: 'disconnect', reason: 'refresh_requested', debug_info: { host: world.origin } }),
        );
        const timer = setTimeout(() => socket.close(1000), GRACE_MS);
        socket.once('close', () => clearTimeout(timer));
      }
    },
    async stop() {
      await Promise.all([...server.clients].map(closePolitely));
      // Nobody waits any more, and no timer keeps the process.
      for (const { settle } of waiting.values()) settle(noAck);
      server.close();
    },
  };
}

function closePolitely(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState === socket.CLOSED) return resolve();
    const timer = setTimeout(() => socket.terminate(), CLOSING_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.close(1001);
  });
}

const noAck = Symbol('no acknowledgement');

function frame(id: string, envelope: Envelope): Json {
  const isEvent = envelope.type === 'events_api';
  return {
    envelope_id: id,
    type: envelope.type,
    payload: envelope.payload,
    accepts_response_payload: !isEvent,
    ...(isEvent ? { retry_attempt: envelope.retry?.attempt ?? 0, retry_reason: envelope.retry?.reason ?? '' } : {}),
  };
}

/** An app acknowledges with the envelope's id; a listener's empty ack carries `{}`, a text `{text}`. */
function parseAck(data: RawData): { id: string; payload: unknown } | null {
  try {
    const parsed = objectOf(JSON.parse(Buffer.isBuffer(data) ? data.toString('utf8') : ''));
    const id = parsed['envelope_id'];
    return typeof id === 'string' ? { id, payload: parsed['payload'] ?? '' } : null;
  } catch {
    return null;
  }
}
