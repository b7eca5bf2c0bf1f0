/**
 * A small HTTP server with one guarded entry: whatever a request holds, it gets an answer and the process lives on.
 * What is not HTTP at all Node answers itself, with 400, 408 or 431.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface HttpRequest {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly authorization: string | null;
  readonly body: string;
}
interface HttpAnswer {
  readonly status: number;
  /** Sent as JSON; a text as it is: the only ones are those of Prometheus, in its text format. */
  readonly body: object | string;
}
export type HttpHandler = (request: HttpRequest) => Promise<HttpAnswer>;
/** Answers a request whole. It may throw or reject: the entry then answers 500. */
export type ForeignListener = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** What is at a path: who answers, and to which methods. */
export type HttpPath = { readonly methods: readonly string[] } & (
  | { readonly handle: HttpHandler }
  | { readonly foreign: ForeignListener }
);

export interface HttpListenerOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** By path. */
  readonly paths: Readonly<Record<string, HttpPath>>;
  readonly maxBytes: number;
  /** Told once a request that could not be answered; `what` holds no header, body or query. */
  readonly onError: (what: string, error: unknown) => void;
}

export interface HttpListener {
  readonly port: number;
  /** Takes no new requests, and gives the running ones a moment. */
  close(): Promise<void>;
}

/** How long running requests may go on after `close`. */
const closeMs = 2000;

/** Rejects when the address cannot be had. */
export async function listenHttp({ host, port, paths, maxBytes, onError }: HttpListenerOptions): Promise<HttpListener> {
  const known = new Map(Object.entries(paths));
  const server = createServer((request, response) => {
    // An error event without a listener ends the process: a response emits one when it is written to after its end.
    response.on('error', (error) => onError('an answer could not be sent', error));
    enter(known, maxBytes, request, response).catch((error: unknown) => {
      // The client went away: nobody is left to answer, and it is no fault of ours.
      if (request.destroyed && !request.complete) return;
      onError(`${request.method ?? ''} ${pathOf(request.url)?.pathname ?? ''} could not be answered`, error);
      fail(response);
    });
  });
  server.requestTimeout = 20_000;
  server.headersTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  server.on('error', (error) => onError('the HTTP server has a fault', error));
  const address: AddressInfo | string | null = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), closeMs);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

/** Every request passes here. Async, so that a throw anywhere behind it is a rejection that the caller handles. */
async function enter(
  paths: ReadonlyMap<string, HttpPath>,
  maxBytes: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const target = pathOf(request.url);
  if (!target) return send(response, { status: 400, body: { error: 'the request target is not a path' } });
  const path = paths.get(target.pathname);
  if (!path) return send(response, { status: 404, body: { error: 'there is nothing at this path' } });
  const method = request.method ?? '';
  if (!path.methods.includes(method)) {
    const allow = path.methods.join(', ');
    return send(response, { status: 405, body: { error: `this path takes ${allow}` } }, { allow });
  }
  if ('foreign' in path) return path.foreign(request, response);
  const body = await bodyOf(request, maxBytes);
  if (body === null) {
    const error = `the body is larger than ${maxBytes} bytes`;
    return send(response, { status: 413, body: { error } }, { connection: 'close' });
  }
  const authorization = request.headers.authorization ?? null;
  return send(response, await path.handle({ method, query: target.searchParams, authorization, body }));
}

/** @returns null for a target that is neither a path nor an http(s) address. */
function pathOf(target: string | undefined): URL | null {
  if (target === undefined) return null;
  // A path is joined as text: resolved against a base, `//x` would name a host.
  const url = URL.parse(target.startsWith('/') ? `http://localhost${target}` : target);
  return url && /^https?:$/.test(url.protocol) ? url : null;
}

/** @returns null when it is larger than `maxBytes`. */
async function bodyOf(request: IncomingMessage, maxBytes: number): Promise<string | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    const chunk: Buffer = Buffer.from(part);
    bytes += chunk.length;
    if (bytes > maxBytes) return null;
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString('utf8');
}

function send(response: ServerResponse, { status, body }: HttpAnswer, headers: Record<string, string> = {}): void {
  if (response.headersSent) return;
  const [type, content] =
    typeof body === 'string'
      ? ['text/plain; version=0.0.4; charset=utf-8', body]
      : ['application/json', `${JSON.stringify(body)}\n`];
  response.writeHead(status, { 'content-type': type, ...headers }).end(content);
}

/** Answers 500, or cuts an answer that has begun and would never end. */
function fail(response: ServerResponse): void {
  if (response.headersSent) response.destroy();
  else send(response, { status: 500, body: { error: 'internal error' } }, { connection: 'close' });
}
