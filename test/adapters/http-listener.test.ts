import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { request } from 'node:http';
import { listenHttp, type HttpListener } from '../../src/adapters/http-listener.ts';
import { everyMethod, exchange, rawRequests, statusesOf } from './raw-request.ts';

const told: { what: string; error: unknown }[] = [];
let listener: HttpListener;

beforeAll(async () => {
  listener = await listenHttp({
    host: '127.0.0.1',
    port: 0,
    maxBytes: 1000,
    onError: (what, error) => void told.push({ what, error }),
    paths: {
      '/healthz': { methods: ['GET', 'HEAD'], handle: async () => ({ status: 200, body: { ok: true } }) },
      '/alertmanager': {
        methods: ['POST'],
        handle: async ({ body }) => ({ status: 200, body: { bytes: body.length } }),
      },
      '/rejects': { methods: ['POST'], handle: () => Promise.reject(new Error('no luck')) },
      '/throws': {
        methods: ['POST'],
        handle: () => {
          throw new Error('no luck');
        },
      },
      '/foreign/throws': {
        methods: ['POST'],
        foreign: () => {
          throw new Error('no luck');
        },
      },
      '/foreign/rejects': {
        methods: ['POST'],
        foreign: async () => {
          throw new Error('no luck');
        },
      },
      '/foreign/rejects-late': {
        methods: ['POST'],
        foreign: async (_request, response) => {
          response.writeHead(200).write('half of');
          throw new Error('no luck');
        },
      },
      '/foreign/writes-twice': {
        methods: ['POST'],
        foreign: (_request, response) => {
          response.end('once');
          response.write('twice');
        },
      },
    },
  });
});
afterAll(() => listener.close());

const status = async (path: string, method: string) =>
  (await fetch(`http://127.0.0.1:${listener.port}${path}`, { method })).status;

describe('whatever comes is answered, and the next request too', () => {
  test.each(rawRequests)('$what', async (raw) => {
    expect(statusesOf(await exchange(listener.port, raw))).toEqual(raw.answers);
    expect(await status('/healthz', 'GET')).toBe(200);
  });
});

describe.each([
  ['/healthz', 'GET, HEAD'],
  ['/alertmanager', 'POST'],
])('%s', (path, allow) => {
  test.each(everyMethod)('%s', async (method) => {
    const answer = await exchange(listener.port, {
      bytes: `${method} ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
    });
    if (allow.split(', ').includes(method)) return expect(statusesOf(answer)).toEqual([200]);
    expect(statusesOf(answer)).toEqual([405]);
    expect(answer).toMatch(new RegExp(`^allow: ${allow}\r$`, 'im'));
  });
});

test.each(['/rejects', '/throws', '/foreign/throws', '/foreign/rejects'])(
  '%s is answered 500, and told once without what the request held',
  async (path) => {
    told.length = 0;
    const secret = 'the-secret';
    const answer = await fetch(`http://127.0.0.1:${listener.port}${path}?token=${secret}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}` },
      body: secret,
    });
    expect([answer.status, await answer.json()]).toEqual([500, { error: 'internal error' }]);
    expect(told).toEqual([{ what: `POST ${path} could not be answered`, error: new Error('no luck') }]);
    expect(JSON.stringify(told)).not.toContain(secret);
  },
);

test('an answer that has begun and cannot be ended is cut', async () => {
  await expect(
    fetch(`http://127.0.0.1:${listener.port}/foreign/rejects-late`, { method: 'POST' }).then((answer) => answer.text()),
  ).rejects.toThrow();
  expect(await status('/healthz', 'GET')).toBe(200);
});

test('a listener that writes after its end is told, not thrown', async () => {
  told.length = 0;
  expect(await status('/foreign/writes-twice', 'POST')).toBe(200);
  expect(told).toEqual([
    { what: 'an answer could not be sent', error: expect.objectContaining({ code: 'ERR_STREAM_WRITE_AFTER_END' }) },
  ]);
});

test('a body over the limit is refused, also in small parts', async () => {
  const sent = request({ port: listener.port, host: '127.0.0.1', path: '/alertmanager', method: 'POST' });
  const answered = new Promise<number | undefined>((resolve) =>
    sent.on('response', (response) => resolve(response.statusCode)),
  );
  sent.on('error', () => undefined);
  for (let i = 0; i < 11; i += 1) sent.write('x'.repeat(100));
  expect(await answered).toBe(413);
  sent.destroy();
});

test('a client that goes away in the middle is not told as a fault', async () => {
  told.length = 0;
  await exchange(listener.port, {
    bytes: 'POST /alertmanager HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{',
    ends: true,
  });
  expect(await status('/healthz', 'GET')).toBe(200);
  expect(told).toEqual([]);
});
