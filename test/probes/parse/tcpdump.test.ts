import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { droppedByKernel, notPrinted, parseTcpdump, silentAddresses } from '../../../src/probes/parse/tcpdump.ts';
import { hexAddress } from '../../../src/probes/lib/capture-commands.ts';

const one = (line: string) => {
  const packets = parseTcpdump(line);
  if (packets.length !== 1) throw new Error(`${packets.length} packets`);
  return packets[0];
};

describe('one packet a line', () => {
  test('a ping inside IP in IP', () => {
    expect(
      one(
        '18:11:36.334593 IP 10.250.0.12 > 10.250.0.11: IP 10.244.2.7 > 10.244.1.5: ICMP echo request, id 26888, seq 1, length 64',
      ),
    ).toEqual({
      outer: { source: '10.250.0.12', destination: '10.250.0.11' },
      source: '10.244.2.7',
      destination: '10.244.1.5',
      protocol: 'icmp',
      sourcePort: null,
      destinationPort: null,
      detail: 'request',
      key: 'icmp 26888/1 64',
      length: 84,
    });
  });
  test('a SYN, its answer and a reset', () => {
    expect(
      one(
        '18:00:00.1 IP 10.244.2.7.40112 > 10.244.1.5.8080: Flags [S], seq 123456, win 64240, options [mss 1460], length 0',
      ),
    ).toMatchObject({
      outer: null,
      protocol: 'tcp',
      detail: 'S',
      sourcePort: 40112,
      destinationPort: 8080,
      key: 'tcp 40112>8080 seq 123456',
    });
    expect(
      one('18:00:00.1 IP 10.244.1.5.8080 > 10.244.2.7.40112: Flags [S.], seq 9, ack 123457, win 65160, length 0'),
    ).toMatchObject({ detail: 'S.', key: 'tcp 8080>40112 seq 9' });
    expect(
      one('18:00:00.1 IP 10.244.1.5.8080 > 10.244.2.7.40112: Flags [R.], seq 0, ack 123457, win 0, length 0'),
    ).toMatchObject({ detail: 'R.' });
  });
  test('tunnelled TCP keeps the inner ports and the outer addresses', () => {
    expect(
      one(
        '18:00:00.1 IP 10.250.0.12 > 10.250.0.11: IP 10.244.2.7.40112 > 10.244.1.5.8080: Flags [S], seq 5, win 1, length 0',
      ),
    ).toMatchObject({ outer: { destination: '10.250.0.11' }, sourcePort: 40112, key: 'tcp 40112>8080 seq 5' });
  });
  test('a datagram, and what is none of these', () => {
    expect(one('18:00:00.1 IP 10.0.0.1.5353 > 10.0.0.2.53: UDP, length 30')).toMatchObject({
      protocol: 'udp',
      key: 'udp 5353>53 UDP, length 30',
    });
    expect(one('18:00:00.1 IP 10.0.0.1 > 10.0.0.2: GREv0, length 30')).toMatchObject({
      protocol: 'other',
      length: null,
    });
    expect(one('18:00:00.1 IP 10.0.0.1 > 10.0.0.2: ICMP host 10.0.0.9 unreachable, length 36')).toMatchObject({
      protocol: 'other',
    });
  });
  test('the same ping has the same key on both cards', () => {
    const line = 'IP 10.250.0.12 > 10.250.0.11: IP 10.244.2.7 > 10.244.1.5: ICMP echo request, id 7, seq 1, length 655';
    expect(one(`18:00:00.1 ${line}`)?.key).toBe(one(`18:00:00.9 ${line}`)?.key);
  });
});

test.each([
  [
    'a ping in VXLAN',
    'IP6 fd00:1::1.58578 > fd00:1::2.4789: VXLAN, flags [I] (0x08), vni 4096\n' +
      'IP6 fd00:10:244:1::5 > fd00:10:244:2::7: ICMP6, echo request, id 20294, seq 1, length 708',
    {
      outer: { source: 'fd00:1::1', destination: 'fd00:1::2' },
      detail: 'request',
      key: 'icmp 20294/1 708',
      length: 748,
    },
  ],
  [
    'its answer, to an address that ends in colons',
    'IP6 fd00:10:244:2::7 > fd00:10:244:1::: ICMP6, echo reply, id 20294, seq 1, length 708',
    { outer: null, source: 'fd00:10:244:2::7', destination: 'fd00:10:244:1::', detail: 'reply' },
  ],
  [
    'a SYN',
    'IP6 fd00:10:244:1::5.50482 > fd00:10:244:2::7.8080: Flags [S], seq 3297080077, win 64390, options [mss 1370]',
    { sourcePort: 50_482, destinationPort: 8080, detail: 'S', key: 'tcp 50482>8080 seq 3297080077' },
  ],
  [
    'a ping of an older tcpdump, which prints no id',
    'IP6 fd00::5 > fd00::7: ICMP6, echo request, seq 1, length 64',
    { detail: 'request', key: 'icmp -/1 64', length: 104 },
  ],
  ['a datagram', 'IP6 fd00::5.42427 > fd00::7.9999: UDP, length 3', { protocol: 'udp', destinationPort: 9999 }],
  [
    'a refusal of a datagram',
    'IP6 fd00::7 > fd00::5: ICMP6, destination unreachable, unreachable port, fd00::7 udp port 9999, length 51',
    { protocol: 'icmp', detail: 'unreachable', key: 'udp 9999' },
  ],
  [
    'another error, of a capture that is cut',
    'IP6 fd00::7 > fd00::5: ICMP6, destination unreachable, unreachable route [|icmp6]',
    { protocol: 'other', length: null },
  ],
])('of IPv6: %s', (_, line, expected) => {
  expect(one(`21:24:39.903329 ${line}`)).toMatchObject(expected);
});

test('a packet of IPv6 in one of IPv4 is of neither flow', () => {
  const line = '18:00:00.1 IP 10.0.0.1 > 10.0.0.2: IP6 fd00::5 > fd00::7: ICMP6, echo request, id 1, seq 1, length 64';
  expect(one(line)).toMatchObject({ source: '10.0.0.1', protocol: 'other', detail: expect.any(String) });
});

test('neighbours that nobody answers for', () => {
  const asked = '21:24:40 IP6 fe80::1 > ff02::1:ff00:77: ICMP6, neighbor solicitation, who has fd00:1::77, length 32';
  const answer = '21:24:41 IP6 fd00:1::77 > fe80::1: ICMP6, neighbor advertisement, tgt is fd00:1::77, length 24';
  expect([silentAddresses(asked), silentAddresses(`${asked}\n${answer}`)]).toEqual([['fd00:1::77'], []]);
});

test('pings without an id are told apart by their order, and an answer is known as that of its request', () => {
  const ask = '21:24:40 IP6 fd00::5 > fd00::7: ICMP6, echo request, seq 1, length 64';
  const answer = '21:24:41 IP6 fd00::7 > fd00::5: ICMP6, echo reply, seq 1, length 64';
  const keys = parseTcpdump([ask, answer, ask, ask, answer].join('\n')).map(({ key }) => key);
  const [first, second, third] = ['icmp -/1 64', 'icmp -/1 64 #2', 'icmp -/1 64 #3'];
  expect(keys).toEqual([first, first, second, third, second]);
});

test.each([
  'IP6 :: > ff02::1:ff00:77: ICMP6, neighbor solicitation, who has fd00:1::77, length 32',
  'ARP, Request who-has 10.0.0.1 tell 10.0.0.1, length 28',
  'ARP, Request who-has 10.0.0.1 (ff:ff:ff:ff:ff:ff) tell 0.0.0.0, length 28',
])('nobody has to answer who asks for an address of its own: %s', (line) => {
  expect(silentAddresses(`18:00:00.1 ${line}`)).toEqual([]);
});

test('a neighbour with an address that begins like the asked one gets no answer', () => {
  expect(silentAddresses('18:00:00.1 ARP, Request who-has 10.0.0.1 tell 10.0.0.11, length 28')).toEqual(['10.0.0.1']);
});

test('what is no packet of IP is no packet: notices, ARP, a line that was cut', () => {
  expect(
    parseTcpdump(
      [
        '',
        'listening on eth0, link-type EN10MB',
        '18:00:00 ARP, Request who-has 10.0.0.1 tell 10.0.0.2, length 28',
        '18:00:00 IP 10.0.0.1 > 10.0',
      ].join('\n'),
    ),
  ).toEqual([]);
});

test('whatever is printed, parsing never throws, and only addresses are addresses', () => {
  const line = fc.string({
    unit: fc.constantFrom(
      'IP ',
      '10.0.0.1',
      '.80',
      ' > ',
      ': ',
      'Flags [S]',
      ', seq 1',
      'ICMP echo request, id 1',
      ', length 9',
      'x',
      '\n',
      ' ',
    ),
    maxLength: 30,
  });
  fc.assert(
    fc.property(line, (text) => {
      for (const { source, destination } of parseTcpdump(text))
        for (const address of [source, destination]) expect(address).toMatch(/^(\d{1,3}\.){3}\d{1,3}$/);
    }),
    { numRuns: 1000 },
  );
});

test('what the kernel dropped, null where tcpdump did not get to say it', () => {
  expect(droppedByKernel('2 packets captured\n2 packets received by filter\n0 packets dropped by kernel\n')).toBe(0);
  expect(droppedByKernel('1 packet captured\n1160000 packets dropped by kernel\n')).toBe(1_160_000);
  expect(droppedByKernel('1 packet dropped by kernel')).toBe(1);
  expect(droppedByKernel('tcpdump: listening on eth0')).toBeNull();
});

test('an address as a capture filter compares it', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      const hex = hexAddress(address);
      expect([hex.length, [0, 2, 4, 6].map((at) => parseInt(hex.slice(at, at + 2), 16)).join('.')]).toEqual([
        8,
        address,
      ]);
    }),
  );
});

describe('datagrams', () => {
  test('of a well-known port, which tcpdump prints in words of its own', () => {
    const line =
      '00:55:38.578779 IP 10.9.0.1.51302 > 10.9.0.2.53: 12336 op6% [12336a] [12336q] [12336n] [12336au] [|domain]';
    expect(one(line)).toMatchObject({ protocol: 'udp', sourcePort: 51302, destinationPort: 53 });
  });
  test('a refusal names the port that is closed', () => {
    const line = '00:55:38.578808 IP 10.9.0.2 > 10.9.0.1: ICMP 10.9.0.2 udp port 53 unreachable, length 556';
    expect(one(line)).toMatchObject({ protocol: 'icmp', detail: 'unreachable', key: 'udp 53' });
  });
});

const arpRequest = (address: string) => `18:00:00.1 ARP, Request who-has ${address} tell 10.244.1.5, length 28`;

describe('ARP', () => {
  test('an address is silent where nobody answered for it', () => {
    const answer = '18:00:00.2 ARP, Reply 10.244.1.5 is-at 0e:de:75:f8:f3:fd, length 28';
    const text = [arpRequest('169.254.1.1'), arpRequest('169.254.1.1'), arpRequest('10.244.1.5'), answer].join('\n');
    expect(silentAddresses(text)).toEqual(['169.254.1.1']);
    expect(parseTcpdump(text)).toEqual([]);
  });
  test('nothing of the kind, and half a line', () => {
    expect([silentAddresses(''), silentAddresses('18:00:00.1 ARP, Request who-has 169.25')]).toEqual([[], []]);
  });
});

// Ended in its first second, tcpdump without --immediate-mode said this of six packets that it had seen.
test.each([
  ['0 packets captured\n6 packets received by filter\n0 packets dropped by kernel\n', 6],
  ['1 packet captured\n1 packet received by filter\n0 packets dropped by kernel\n', 0],
  ['listening on eth0', null],
  ['', null],
])('what passed the filter and was not printed is counted: %j', (said, count) => {
  expect(notPrinted(said)).toBe(count);
});
