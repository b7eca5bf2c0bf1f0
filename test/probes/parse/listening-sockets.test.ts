import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseListeningSockets } from '../../../src/probes/parse/listening-sockets.ts';
import { lookErrorOf } from './hostile.ts';

/** As iproute2 6.1 prints them (Linux 6.18). */
const printed = `LISTEN 1      0              0.0.0.0%lo:8085 0.0.0.0:*
LISTEN 0      511               0.0.0.0:8082 0.0.0.0:*
LISTEN 0      511             127.0.0.1:8081 0.0.0.0:*
LISTEN 0      511                  [::]:8083    [::]:*
LISTEN 0      511                     *:8080       *:*
LISTEN 0      5      [::ffff:127.0.0.1]:8086       *:*
LISTEN 0      511                 [::1]:8084    [::]:*
`;

test('real sockets: every address, one, one interface, IPv6 alone and both', () => {
  expect(
    parseListeningSockets(printed).map(
      ({ address, device, port, queued, backlog }) => `${address} ${device} ${port} ${queued}/${backlog}`,
    ),
  ).toEqual([
    '0.0.0.0 lo 8085 1/0',
    '0.0.0.0 null 8082 0/511',
    '127.0.0.1 null 8081 0/511',
    ':: null 8083 0/511',
    '* null 8080 0/511',
    '::ffff:127.0.0.1 null 8086 0/5',
    '::1 null 8084 0/511',
  ]);
});

test('older versions print IPv6 without brackets; an interface may stand after them', () => {
  expect(
    parseListeningSockets(
      'LISTEN     0      128         :::8080                    :::*\nLISTEN 0 4096 [fe80::1]%eth0:53 [::]:*',
    ).map(({ address, device, port }) => [address, device, port]),
  ).toEqual([
    ['::', null, 8080],
    ['fe80::1', 'eth0', 53],
  ]);
});

test('nothing printed is an answer: nothing listens', () => {
  expect([parseListeningSockets(''), parseListeningSockets('\n')]).toEqual([[], []]);
});

test.each([
  ['a header', 'State  Recv-Q Send-Q Local Address:Port Peer Address:Port\n'],
  ['cut in the middle', printed.slice(0, -20)],
  ['another state', 'ESTAB 0 0 10.244.1.5:8080 10.244.2.7:40000'],
  ['a name for the port', 'LISTEN 0 128 *:http *:*'],
  ['an error on standard output', 'Cannot open netlink socket: Operation not permitted'],
])('no wrong value: %s', (_, text) => {
  expect(lookErrorOf(() => parseListeningSockets(text))?.code).toBe('not-parsed');
});

test('any text gives sockets or a LookError', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `LISTEN 0 1 ${text}:80 *:*`),
      ),
      (text) => expect([null, 'not-parsed']).toContain(lookErrorOf(() => parseListeningSockets(text))?.code ?? null),
    ),
  );
});
