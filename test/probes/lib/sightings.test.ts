import { describe, expect, test } from '@jest/globals';
import type { Transcript } from '../../../src/model/command.ts';
import { LookError } from '../../../src/model/look-error.ts';
import type { FlowPort } from '../../../src/model/target.ts';
import { captureLimit } from '../../../src/commands/tcpdump.ts';
import { sightingsOf, type AskedPackets, type EndedCapture } from '../../../src/probes/lib/sightings.ts';
import { transcript } from '../transcript.ts';

const [client, tunnel, pod, stranger] = ['10.244.2.7', '10.244.2.0', '10.244.1.5', '10.244.2.9'];
const ended = (packets: number) =>
  `${packets} packets captured\n${packets} packets received by filter\n0 packets dropped by kernel\n`;
const askedOn = (port: FlowPort): AskedPackets => ({ sources: [client, tunnel], destination: pod, port, length: 683 });
const tcp = askedOn({ protocol: 'tcp', number: 8080 });
const udp = askedOn({ protocol: 'udp', number: 5300 });
const icmp = askedOn({ protocol: 'icmp' });

const sighted = (asked: AskedPackets, lines: readonly string[], said: Partial<Transcript> | LookError = {}) => {
  const [sighting] = sightingsOf([captureOf(lines, said)], asked, 1);
  if (!sighting) throw new Error('no sighting');
  return sighting;
};
const captureOf = (lines: readonly string[], said: Partial<Transcript> | LookError = {}): EndedCapture => ({
  point: 'target-pod',
  node: 'n1',
  interface: 'cali1',
  transcript:
    said instanceof LookError
      ? said
      : transcript({
          stdout: lines.map((line) => `18:00:00.1 ${line}`).join('\n'),
          stderr: ended(lines.length),
          ...said,
        }),
  isControl: ({ length, destination }) => length === 983 && destination === pod,
  isAfter: ({ length }) => length === 1403,
});
const syn = (from: string, port = 8080) => `IP ${from}.40112 > ${pod}.${port}: Flags [S], seq 1, win 1, length 0`;
const ping = (from: string, length: number, id = 7) =>
  `IP ${from} > ${pod}: ICMP echo request, id ${id}, seq 1, length ${length}`;

describe('requests and replies are those of the flow alone', () => {
  test('TCP: a SYN and its answer; a ping is not a request', () => {
    const answer = `IP ${pod}.8080 > ${client}.40112: Flags [S.], seq 9, ack 2, win 1, length 0`;
    const seen = sighted(tcp, [syn(client), syn(client), answer, ping(client, 663), syn(client, 9090), syn(stranger)]);
    expect([seen.requests, seen.replies]).toEqual([['40112'], ['40112']]);
  });
  test('TCP: a reset is an answer, and what a connection carries later is not a request', () => {
    const reset = `IP ${pod}.8080 > ${client}.40112: Flags [R.], seq 0, ack 2, win 0, length 0`;
    const fin = `IP ${client}.40112 > ${pod}.8080: Flags [F.], seq 2, ack 2, win 1, length 0`;
    expect(sighted(tcp, [syn(client), reset, fin])).toMatchObject({ requests: ['40112'], replies: ['40112'] });
  });
  test('a packet that its node gave an address of its own is still the same packet', () => {
    expect(sighted(tcp, [syn(tunnel)]).requests).toEqual(['40112']);
  });
  test('UDP: a datagram, its answer, and a closed port', () => {
    const datagram = `IP ${client}.4000 > ${pod}.5300: UDP, length 655`;
    const answer = `IP ${pod}.5300 > ${client}.4000: UDP, length 9`;
    const closed = `IP ${pod} > ${client}: ICMP ${pod} udp port 5300 unreachable, length 556`;
    const other = `IP ${pod} > ${client}: ICMP ${pod} udp port 53 unreachable, length 556`;
    expect(sighted(udp, [datagram, answer])).toMatchObject({ requests: ['4000'], replies: ['4000'] });
    expect(sighted(udp, [datagram, closed]).replies).toEqual(['udp 5300']);
    expect(sighted(udp, [datagram, other, syn(client, 5300)])).toMatchObject({ requests: ['4000'], replies: [] });
  });
  test('ICMP: pings of the asked length', () => {
    const reply = `IP ${pod} > ${client}: ICMP echo reply, id 7, seq 1, length 663`;
    const seen = sighted(icmp, [ping(client, 663), reply, ping(client, 1380), ping(client, 64)]);
    expect([seen.requests, seen.replies]).toEqual([['icmp 7/1 663'], ['icmp 7/1 663']]);
  });
});

test('the control is counted apart, and is not an asked packet', () => {
  expect(sighted(tcp, [ping('10.0.0.1', 963), ping('10.0.0.1', 64)])).toMatchObject({ control: 1, requests: [] });
  expect(sighted({ ...icmp, length: 983 }, [ping(client, 963)])).toMatchObject({ control: 0 });
});

test('the addresses around a packet, and who does not answer ARP', () => {
  const carried = `IP 10.0.0.2 > 10.0.0.1: ${syn(client)}`;
  const arp = 'ARP, Request who-has 169.254.1.1 tell 10.244.1.5, length 28';
  const answer = `IP 10.0.0.1 > 10.0.0.9: IP ${pod}.8080 > ${client}.40112: Flags [S.], seq 9, ack 2, win 1, length 0`;
  expect(sighted(tcp, [carried, answer, arp])).toMatchObject({
    outer: { source: '10.0.0.2', destination: '10.0.0.1' },
    replyOuter: { source: '10.0.0.1', destination: '10.0.0.9' },
    silent: ['169.254.1.1'],
  });
});

test.each<[string, readonly string[], Partial<Transcript> | LookError, RegExp | null]>([
  ['it ended as it should', [syn(client)], {}, null],
  ['the node ended it', [], { timedOut: true }, /ended before/],
  ['its output was cut', [], { truncated: true }, /full/],
  ['others filled it', Array.from({ length: captureLimit }, (_, at) => ping(client, 64, at)), {}, /full/],
  ['it printed less than it saw', [], { stderr: '0 packets captured\n6 packets received by filter\n' }, /6 of the/],
  [
    'it printed less than it saw, but what was sent after the asked packets',
    [ping('10.250.0.11', 1383)],
    { stderr: '1 packets captured\n6 packets received by filter\n' },
    null,
  ],
  ['it never began', [], new LookError('command-failed', 'tcpdump: cali1: No such device exists'), /No such device/],
])('why a capture cannot say that nothing came: %s', (_, lines, said, trouble) => {
  const seen = sighted(tcp, lines, said).trouble;
  if (trouble === null) expect(seen).toBeNull();
  else expect(seen).toMatch(trouble);
});

test('an answer counts where any capture saw its request; one to an older request is a stray', () => {
  const answer = (port: number) => `IP ${pod}.8080 > ${client}.${port}: Flags [S.], seq 9, ack 2, win 1, length 0`;
  const seen = sightingsOf([captureOf([syn(client)]), captureOf([answer(40_112), answer(39_000)])], tcp, 1);
  expect(seen.map(({ replies, strays }) => [replies, strays])).toEqual([
    [[], 0],
    [['40112'], 1],
  ]);
  expect(sightingsOf([captureOf([answer(39_000)])], tcp, 1)[0]).toMatchObject({ replies: [], strays: 1 });
});
