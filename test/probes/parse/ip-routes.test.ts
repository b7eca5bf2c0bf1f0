import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseIpRoutes } from '../../../src/probes/parse/ip-routes.ts';
import { readCapture } from '../../cases/capture.ts';
import { jsonText, lookErrorOf } from './hostile.ts';

const healthy = readCapture('healthy-legacy').text('n1/ip-j-route.txt') ?? '';

test('a real node: the other block through the tunnel, its own as a blackhole, a /32 a pod', () => {
  const routes = parseIpRoutes(healthy);
  expect(routes.find(({ device }) => device === 'tunl0')).toMatchObject({
    type: 'unicast',
    gateway: '10.250.0.12',
    protocol: 'bird',
    flags: ['onlink'],
  });
  expect(routes.filter(({ type }) => type === 'blackhole')).toHaveLength(1);
  expect(
    routes.filter(({ device, destination }) => device?.startsWith('cali') && destination.endsWith('/32')).length,
  ).toBeGreaterThan(0);
});

test('default, bare addresses, several next hops', () => {
  const routes = parseIpRoutes(
    '[{"dst":"default","gateway":"10.0.0.1","dev":"eth0"},{"dst":"10.244.1.5","dev":"cali1","scope":"link"},{"type":"blackhole","dst":"10.244.1.0/26"},{"dst":"10.244.2.0/26","nexthops":[{"gateway":"10.0.0.2","dev":"eth0","weight":1},{"gateway":"10.0.0.3","dev":"eth0"}]}]',
  );
  expect(routes.map(({ destination, type, nextHops }) => [destination, type, nextHops.length])).toEqual([
    ['0.0.0.0/0', 'unicast', 0],
    ['10.244.1.5/32', 'unicast', 0],
    ['10.244.1.0/26', 'blackhole', 0],
    ['10.244.2.0/26', 'unicast', 2],
  ]);
});

test('an empty table is an answer', () => {
  expect([parseIpRoutes(''), parseIpRoutes('[ ]'), parseIpRoutes('[{}]')]).toEqual([[], [], []]);
});

test.each([
  ['text of the older form', 'default via 10.0.0.1 dev eth0'],
  ['cut', healthy.slice(0, 100)],
  ['null', 'null'],
  ['no dst', '[{"dev":"eth0"}]'],
  ['a type that is not known', '[{"type":"xresolve","dst":"10.0.0.0/8"}]'],
])('no wrong value: %s', (_, text) => {
  expect(lookErrorOf(() => parseIpRoutes(text))?.code).toBe('not-parsed');
});

test('any JSON gives routes or a LookError', () => {
  fc.assert(
    fc.property(jsonText, (text) =>
      expect([null, 'not-parsed']).toContain(lookErrorOf(() => parseIpRoutes(text))?.code ?? null),
    ),
  );
});
