import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isRenewed, sentTo, type FlowConnections } from '../../src/model/connections.ts';
import { parseConntrack } from '../../src/model/conntrack-list.ts';
import { lookErrorOf } from '../probes/parse/hostile.ts';

/** As conntrack 1.4.7 prints them (Linux 6.18). */
const translated =
  'udp      17 29 src=10.9.0.1 dst=10.96.0.10 sport=53716 dport=53 [UNREPLIED] src=10.9.0.99 dst=10.9.0.1 ' +
  'sport=5353 dport=53716 mark=0 use=4';
const printed = `tcp      6 85999 ESTABLISHED src=10.9.0.1 dst=10.96.0.10 sport=4446 dport=80 src=10.9.0.98 dst=10.9.0.1 sport=8080 dport=4446 [ASSURED] mark=0 use=1
tcp      6 99 SYN_SENT src=10.9.0.1 dst=10.96.0.10 sport=4445 dport=80 [UNREPLIED] src=10.9.0.98 dst=10.9.0.1 sport=8080 dport=4445 mark=0 use=1
${translated}
icmp     1 29 src=10.9.0.1 dst=10.9.0.2 type=8 code=0 id=19152 src=10.9.0.2 dst=10.9.0.1 type=0 code=0 id=19152 mark=0 use=1
`;

test('state, translation and age of real entries', () => {
  expect(
    parseConntrack(printed).map((one) => [one.protocol, one.state, one.answered, one.expiresIn, sentTo(one)]),
  ).toEqual([
    ['tcp', 'ESTABLISHED', true, 85_999, '10.9.0.98:8080'],
    ['tcp', 'SYN_SENT', false, 99, '10.9.0.98:8080'],
    ['udp', null, false, 29, '10.9.0.99:5353'],
    ['icmp', null, true, 29, '10.9.0.2'],
  ]);
  expect(parseConntrack(printed)[2]?.original).toEqual({
    source: '10.9.0.1',
    destination: '10.96.0.10',
    sourcePort: 53_716,
    destinationPort: 53,
  });
});

test('counters, an offloaded connection and IPv6 change nothing else', () => {
  const counted =
    'ipv4     2 tcp      6 431990 ESTABLISHED src=192.0.2.1 dst=192.0.2.2 sport=1 dport=2 packets=4 bytes=240 ' +
    'src=192.0.2.2 dst=192.0.2.1 sport=2 dport=1 packets=3 bytes=180 [ASSURED] mark=0 secctx=null use=2';
  const offloaded = counted.replace(' 431990 ESTABLISHED', '').replace('[ASSURED]', '[OFFLOAD]');
  const six =
    'udp      17 5 src=2001:db8::1 dst=2001:db8::2 sport=1 dport=53 src=2001:db8::2 dst=2001:db8::1 sport=53 dport=1';
  expect(parseConntrack(counted)[0]).toMatchObject({ state: 'ESTABLISHED', reply: { source: '192.0.2.2' } });
  expect(parseConntrack(offloaded)[0]).toMatchObject({ state: null, expiresIn: null });
  expect(parseConntrack(six)[0]).toMatchObject({ original: { source: '2001:db8::1' }, answered: true });
});

test('nothing printed is an answer: there is no entry', () => {
  expect([parseConntrack(''), parseConntrack('\n')]).toEqual([[], []]);
});

test.each([
  ['cut in the middle', translated.slice(0, 70)],
  ['an error on standard output', 'conntrack v1.4.7 (conntrack-tools): Operation failed: invalid parameters'],
  ['an event', `    [NEW] ${translated}`],
])('no wrong value: %s', (_, text) => {
  expect(lookErrorOf(() => parseConntrack(text))?.code).toBe('not-parsed');
});

test('any text gives entries or a LookError', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `udp 17 29 src=${text} dst=192.0.2.1 src=192.0.2.1 dst=192.0.2.2`),
      ),
      (text) => expect([null, 'not-parsed']).toContain(lookErrorOf(() => parseConntrack(text))?.code ?? null),
    ),
  );
});

const entry = (expiresIn: number) => parseConntrack(translated.replace(' 29 ', ` ${expiresIn} `));
test.each<[string, number, number, number, boolean, number?]>([
  ['idle: it fell with the clock', 120, 118, 2.2, false],
  ['idle: the whole seconds were cut unluckily', 120, 117, 2.2, false],
  ['a packet began its time anew', 120, 119, 2.2, true],
  ['a packet came right after an answer made it live longer', 30, 120, 0.4, true],
  ['looked at too soon to tell', 120, 120, 0.4, false],
  ['idle: the first look began long before it read', 120, 119, 2.2, false, 1000],
])('%s', (_, before, after, seconds, renewed, tookMs = 100) => {
  const begun = Date.parse('2026-11-23T18:00:00Z');
  const read: FlowConnections = {
    node: 'n1',
    destination: '10.96.0.10',
    port: 53,
    readings: [
      { at: new Date(begun).toISOString(), tookMs, connections: entry(before) },
      { at: new Date(begun + seconds * 1000).toISOString(), tookMs: 100, connections: entry(after) },
    ],
  };
  const [last] = entry(after);
  expect(last && isRenewed(last, read)).toBe(renewed);
});
