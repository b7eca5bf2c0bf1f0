import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseIpRules } from '../../../src/probes/parse/ip-rules.ts';
import { readCapture } from '../../cases/capture.ts';
import { lookErrorOf } from './hostile.ts';

const nothing = {
  not: false,
  from: null,
  to: null,
  mark: null,
  tos: null,
  inInterface: null,
  outInterface: null,
  protocol: null,
  sourcePorts: null,
  destinationPorts: null,
  uids: null,
  suppressedPrefix: null,
  unread: [],
};
const one = (line: string) => parseIpRules(line)[0];

test('a real node has the three rules of every kernel', () => {
  const rules = parseIpRules(readCapture('healthy-legacy').text('n1/ip-rule.txt') ?? '');
  expect(rules).toEqual(
    [
      [0, 'local'],
      [32766, 'main'],
      [32767, 'default'],
    ].map(([priority, table]) => ({
      ...nothing,
      priority,
      text: `from all lookup ${table}`,
      action: { kind: 'lookup', table },
    })),
  );
});

test('every selector, as iproute2 6.1 prints it', () => {
  expect(
    one('103:	not from 10.0.0.0/8 fwmark 0x100000/0x100000 iif tunl9 ipproto tcp dport 80-90 lookup 1'),
  ).toMatchObject({
    ...nothing,
    priority: 103,
    not: true,
    from: '10.0.0.0/8',
    mark: { value: 0x100000, mask: 0x100000 },
    inInterface: 'tunl9',
    protocol: 6,
    destinationPorts: [80, 90],
    action: { kind: 'lookup', table: '1' },
  });
  expect(one('104:	from 10.9.0.0/16 to 10.1.0.0/16 tos 0x10 oif eth9 uidrange 5-10 sport 7 goto 32766')).toMatchObject(
    {
      ...nothing,
      from: '10.9.0.0/16',
      to: '10.1.0.0/16',
      tos: 16,
      outInterface: 'eth9',
      uids: [5, 10],
      sourcePorts: [7, 7],
      action: { kind: 'goto', priority: 32766 },
    },
  );
});

test.each([
  [
    '105:	from all lookup main suppress_prefixlength 0',
    { suppressedPrefix: 0, action: { kind: 'lookup', table: 'main' } },
  ],
  ['106:	from all iif gone0 [detached] lookup 77', { inInterface: 'gone0', unread: [] }],
  ['100:	from all to 10.244.1.6 blackhole', { to: '10.244.1.6', action: { kind: 'blackhole' } }],
  ['101:	from all prohibit', { action: { kind: 'prohibit' } }],
  ['102:	from all unreachable', { action: { kind: 'unreachable' } }],
  ['5210:	from all fwmark 0x80000/0xff0000 lookup main', { mark: { value: 0x80000, mask: 0xff0000 } }],
  ['7:	from all fwmark 0x1 lookup 5', { mark: { value: 1, mask: 0xffffffff } }],
  ['1000:	from all lookup [l3mdev-table]', { action: { kind: 'lookup-of-vrf' }, unread: [] }],
  ['8:	from all lookup vpn proto static', { action: { kind: 'lookup', table: 'vpn' }, unread: [] }],
])('%s', (line, expected) => {
  expect(one(line)).toMatchObject(expected);
});

test('words that are not known are kept, so that nobody takes the rule for one without them', () => {
  expect(one('9:	from all tun_id 7 lookup 5')?.unread).toEqual(['tun_id', '7']);
  expect(one('9:	from all fwmark blue lookup 5')?.unread).toEqual(['fwmark']);
});

test.each([
  ['nothing', ''],
  ['the JSON that was not asked for', '[{"priority":0,"src":"all","table":"local"}]'],
  ['a refusal', 'RTNETLINK answers: Operation not permitted'],
  ['a line that was cut', '0:	from all lookup local\n3276'],
])('%s is not parsed', (_, text) => {
  expect(lookErrorOf(() => parseIpRules(text))?.code).toBe('not-parsed');
});

test('no text throws anything but a LookError', () => {
  const words = fc.constantFrom(
    'from',
    'to',
    'all',
    'fwmark',
    '0x1/0x2',
    'lookup',
    'goto',
    '7',
    'not',
    'iif',
    '-',
    '\u0000',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(words).map((all) => `5:\t${all.join(' ')}`),
      ),
      (text) => {
        lookErrorOf(() => parseIpRules(text));
      },
    ),
  );
});
