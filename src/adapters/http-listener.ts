/** A small HTTP server: a handler a path, bodies within a limit, an answer whatever happens. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpRequest {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly authorization: string | null;
  readonly body: string;
}
export interface HttpAnswer {
  readonly status: number;
  /** Sent as JSON. */
  readonly body: object;
}
export type HttpHandler = (request: HttpRequest) => Promise<HttpAnswer>;

export interface HttpListenerOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** By path. */
  readonly handlers: Readonly<Record<string, HttpHandler>>;
  /** Paths whose requests somebody else answers whole. */
  readonly listeners: Readonly<Record<string, RequestListener>>;
  readonly maxBytes: number;
  readonly onError: (error: unknown) => void;
}

export interface HttpListener {
  readonly port: number;
  close(): Promise<void>;
}

/** Rejects when the address cannot be had. */
export async function listenHttp({ host, port, handlers, listeners, maxBytes, onError }: HttpListenerOptions): Promise<HttpListener> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const listener = listeners[url.pathname];
    if (listener) {
      listener(request, response);
      return;
    }
    answer(request, url, handlers[url.pathname], maxBytes).then(
      (said) => send(response, said),
      (error: unknown) => {
        onError(error);
        send(response, { status: 500, body: { error: 'internal error' } });
      },
    );
  });
  server.requestTimeout = 20_000;
  server.headersTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  server.on('error', onError);
  const address: AddressInfo | string | null = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    }),
  };
}

async function answer(request: IncomingMessage, url: URL, handler: HttpHandler | undefined, maxBytes: number): Promise<HttpAnswer> {
  if (!handler) return { status: 404, body: { error: 'there is nothing at this path' } };
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    const chunk: Buffer = Buffer.from(part);
    bytes += chunk.length;
    if (bytes > maxBytes) return { status: 413, body: { error: `the body is larger than ${maxBytes} bytes` } };
    parts.push(chunk);
  }
  return handler({ method: request.method ?? 'GET', query: url.searchParams, authorization: request.headers.authorization ?? null, body: Buffer.concat(parts).toString('utf8') });
}

function send(response: ServerResponse, { status, body }: HttpAnswer): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': 'application/json', ...(status === 413 ? { connection: 'close' } : {}) }).end(`${JSON.stringify(body)}\n`);
}
