import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  describePort,
  describeSource,
  parsePodName,
  parsePort,
  parseSource,
  parseWait,
  quoted,
} from '../../src/model/target-grammar.ts';

test.each([
  ['default/mypod', true],
  ['a/b.c-d.1', true],
  [`ns/${'x'.repeat(253)}`, true],
  ['default/', false],
  ['/mypod', false],
  ['default', false],
  ['', false],
  ['../../etc', false],
  ['a/b/c', false],
  ['default/mypod; reboot', false],
  ['default/$(reboot)', false],
  ['Default/mypod', false],
  ['default/-x', false],
  ['default/x-', false],
  ['default/a..b', false],
  [`${'n'.repeat(64)}/x`, false],
  [`ns/${'x'.repeat(254)}`, false],
  ['default/my\npod', false],
  ['default/mypod ', false],
  ['default/ｍypod', false],
])('%j names a pod: %s', (text, good) => {
  expect(parsePodName(text).ok).toBe(good);
});

test.each([
  ['pod:shop/api', 'pod:shop/api'],
  ['shop/api', 'pod:shop/api'],
  ['node:node-1.example', 'node:node-1.example'],
  ['outside:203.0.113.7', 'outside:203.0.113.7'],
])('source %s is %s', (text, described) => {
  const parsed = parseSource(text);
  expect(parsed.ok && describeSource(parsed.value)).toBe(described);
});

test.each([
  'pod:',
  'pod:shop',
  'node:',
  'node:a/b',
  'outside:localhost',
  'outside:010.1.2.3',
  'outside:1.2.3',
  'outside:256.1.1.1',
  'outside:::1',
  'host:a',
  'shop',
  '',
])('%j is no source', (text) => {
  expect(parseSource(text).ok).toBe(false);
});

test.each([
  ['8080/tcp', '8080/tcp'],
  ['53/udp', '53/udp'],
  ['80', '80/tcp'],
  ['icmp', 'icmp'],
  ['65535', '65535/tcp'],
])('port %s is %s', (text, described) => {
  const parsed = parsePort(text);
  expect(parsed.ok && describePort(parsed.value)).toBe(described);
});

test.each(['0', '65536', '080', '-1', '80/sctp', 'tcp/80', '80/', 'http', '1e3', ''])('%j is no port', (text) => {
  expect(parsePort(text).ok).toBe(false);
});

test('whatever is typed, a problem is one short line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
      expect(quoted(text).length).toBeLessThanOrEqual(63);
      expect(quoted(text)).not.toMatch(/[\p{C}\u2028\u2029]/u);
      for (const parsed of [parsePodName(text), parseSource(text), parsePort(text)])
        if (!parsed.ok) expect(parsed.problem).not.toContain('\n');
    }),
  );
});

test.each([
  ['1', 1],
  ['60s', 60],
  ['300', 300],
  ['301', null],
  ['0', null],
  ['-5', null],
  ['1e2', null],
  ['60 ', null],
  ['', null],
])('%j is %j seconds', (text, seconds) => {
  const parsed = parseWait(text);
  expect(parsed.ok ? parsed.value : null).toBe(seconds);
});
