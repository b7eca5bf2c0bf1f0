import { expect, test } from '@jest/globals';
import { httpStatusOf } from '../../src/calico/http-status.ts';
import { readCapture } from '../cases/capture.ts';

test.each([
  ['healthy-legacy', 'liveness'],
  ['healthy-nftables', 'readiness'],
])('%s: %s as captured', (name, what) => {
  expect(httpStatusOf(readCapture(name).text(`n1/felix-${what}.txt`) ?? '')).toBe(200);
});

test.each([
  ['HTTP/1.0 204 No Content\r\n', 204],
  ['HTTP/1.1 503 Service Unavailable', 503],
  ['HTTP/2 200\r\n', 200],
  ['', null],
  ['curl: (7) Failed to connect', null],
  ['HTTP/1.1 2', null],
  ['body says HTTP/1.1 200 OK', null],
])('%j: %s', (text, status) => {
  expect(httpStatusOf(text)).toBe(status);
});
