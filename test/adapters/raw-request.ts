import { connect } from 'node:net';

/** Requests as bytes that no HTTP client would send, and what a server may answer: one of these statuses, or nothing. */
export interface RawRequest {
  readonly what: string;
  readonly bytes: string;
  /** Statuses of the answers, in their order; empty: the connection is closed without one. */
  readonly answers: readonly number[];
  /** The client says that nothing more comes: else the server would wait for the rest. */
  readonly ends?: boolean;
}

const get = (target: string) => `GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`;

/** Targets that are no path, forms that are no HTTP, and everything between. Secrets in them must not be logged. */
export const rawRequests: readonly RawRequest[] = [
  ...['//', '//:80', '/\\..', '/%', '/%zz', '/..//..', '/__proto__', '/constructor', '/?a=http://['].map((target) => ({
    what: `target ${target}`,
    bytes: get(target),
    answers: [404],
  })),
  ...['http://[', 'http://x:99999999/', '*', 'healthz', 'ftp://x/', 'javascript:x', '?', ':', '/\u00ff'].map(
    (target) => ({
      what: `target ${target}`,
      bytes: get(target),
      answers: [400],
    }),
  ),
  { what: 'an absolute target', bytes: get('http://elsewhere.example/healthz'), answers: [200] },
  { what: 'a target of 15,000 characters', bytes: get(`/${'a'.repeat(15_000)}`), answers: [404] },
  { what: 'a target of 100,000 characters', bytes: get(`/${'a'.repeat(100_000)}`), answers: [431] },
  {
    what: 'huge headers',
    bytes: `GET /healthz HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(100_000)}\r\n\r\n`,
    answers: [431],
  },
  { what: 'garbage without an end of line', bytes: '\u0016\u0003\u0001\u0002garbage', answers: [400], ends: true },
  { what: 'a line that is no request', bytes: 'hello\r\n\r\n', answers: [400] },
  { what: 'a header without a name', bytes: 'GET /healthz HTTP/1.1\r\n: x\r\n\r\n', answers: [400] },
  { what: 'no host', bytes: 'GET /healthz HTTP/1.1\r\n\r\n', answers: [400] },
  {
    what: 'two lengths',
    bytes: 'POST /alertmanager HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
    answers: [400],
  },
  {
    what: 'a chunk of no size',
    bytes: 'POST /alertmanager HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
    answers: [400],
  },
  { what: 'half a request line', bytes: 'GET /heal', answers: [400], ends: true },
  { what: 'half a request', bytes: 'GET /healthz HTTP/1.1\r\nhost:', answers: [400], ends: true },
  {
    what: 'half a body',
    bytes: 'POST /alertmanager HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{',
    answers: [400],
    ends: true,
  },
  {
    what: 'an upgrade',
    bytes: 'GET /healthz HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade, close\r\n\r\n',
    answers: [200],
  },
  {
    what: 'an upgrade of nothing',
    bytes: 'GET // HTTP/1.1\r\nhost: x\r\nupgrade: h2c\r\nconnection: upgrade, close\r\n\r\n',
    answers: [404],
  },
  { what: 'a tunnel', bytes: 'CONNECT x:443 HTTP/1.1\r\nhost: x\r\n\r\n', answers: [] },
  {
    what: 'an expectation',
    bytes: 'GET /healthz HTTP/1.1\r\nhost: x\r\nexpect: the-impossible\r\nconnection: close\r\n\r\n',
    answers: [417],
  },
  {
    what: 'three in a row, a bad one among them',
    bytes: `GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nGET http://[ HTTP/1.1\r\nhost: x\r\n\r\n${get('/healthz')}`,
    answers: [200, 400, 200],
  },
  { what: 'HTTP/2 by prior knowledge', bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', answers: [400] },
];

/** Methods that Node's parser knows, but CONNECT, which is no request for a path. */
export const everyMethod: readonly string[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'PROPFIND',
  'M-SEARCH',
  'PURGE',
  'LOCK',
];

/** Sends the bytes and reads until the server ends the connection. @returns everything that came back */
export function exchange(port: number, { bytes, ends = false }: Pick<RawRequest, 'bytes' | 'ends'>): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => {
      socket.write(Buffer.from(bytes, 'latin1'));
      if (ends) socket.end();
    });
    socket.setEncoding('latin1').on('data', (chunk: string) => void (answer += chunk));
    // A server that refuses what it has not read to the end resets the connection.
    socket.on('error', () => undefined).on('close', () => resolve(answer));
    socket.on('end', () => socket.destroy());
  });
}

export function statusesOf(answer: string): readonly number[] {
  return [...answer.matchAll(/^HTTP\/1\.1 (\d{3}) (?!Continue)/gm)].map(([, status]) => Number(status));
}
