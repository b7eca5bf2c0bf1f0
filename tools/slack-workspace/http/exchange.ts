import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Json } from '../model.ts';

const BODY_BYTES = 64 * 1024 * 1024;

/** A request that was read whole, and how to answer it. */
export interface Exchange {
  method: string;
  url: URL;
  request: IncomingMessage;
  response: ServerResponse;
  body: Buffer;
}

/** Reads a request's body. Throws when it is larger than 64 MB. */
export async function readExchange(
  request: IncomingMessage,
  response: ServerResponse,
  origin: string,
): Promise<Exchange> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES) throw new Error('request body too large');
    chunks.push(chunk);
  }
  return {
    method: request.method ?? 'GET',
    url: new URL(request.url ?? '/', origin),
    request,
    response,
    body: Buffer.concat(chunks),
  };
}

/** Answers with JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: Json,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(body));
}

/** Answers with bytes or text. */
export function sendContent(
  response: ServerResponse,
  type: string,
  content: Buffer | string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(200, { 'content-type': type, ...headers });
  response.end(content);
}
