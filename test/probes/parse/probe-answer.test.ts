import { describe, expect, test } from '@jest/globals';
import { answerOf } from '../../../src/probes/parse/probe-answer.ts';
import { transcript } from '../transcript.ts';

const ping = (stdout: string, exit: number | null = 1, stderr = '') =>
  answerOf(transcript({ stdout, stderr, exit }), { protocol: 'icmp' });
const connect = (stderr: string, exit: number | null = 1) =>
  answerOf(transcript({ stderr, exit }), { protocol: 'tcp', number: 80 });

describe('ping', () => {
  test.each([
    ['reply', '1 packets transmitted, 1 received, 0% packet loss', 0],
    ['none', '1 packets transmitted, 0 received, 100% packet loss', 1],
    [
      'unreachable',
      'From 10.0.0.1 icmp_seq=1 Destination Host Unreachable\n1 packets transmitted, 0 received, +1 errors',
      1,
    ],
    ['unreachable', 'From 10.0.0.1 icmp_seq=1 Packet filtered\n1 packets transmitted, 0 received, +1 errors', 1],
  ] as const)('%s: %s', (expected, stdout, exit) => expect(ping(stdout, exit)).toBe(expected));
  test.each([
    ['unreachable', 'ping: connect: Network is unreachable'],
    ['unreachable', 'ping: connect: Invalid argument'],
    ['error', 'Cannot open network namespace "cni-1": No such file or directory'],
    ['error', 'nice: ping: No such file or directory'],
    ['error', ''],
  ] as const)('%s: %s', (expected, stderr) => expect(ping('', 2, stderr)).toBe(expected));
});

describe('connect', () => {
  test.each([
    ['reply', '', 0],
    ['none', '', 124],
    ['refused', 'bash: connect: Connection refused\nbash: /dev/tcp/10.0.0.1/80: Connection refused', 1],
    ['unreachable', 'bash: connect: No route to host', 1],
    ['unreachable', 'bash: connect: Permission denied', 1],
    ['error', 'bash: /usr/bin/head: Permission denied', 126],
    ['unreachable', 'bash: connect: Invalid argument', 1],
    ['none', 'bash: connect: Connection timed out', 1],
    ['error', 'timeout: failed to run command ‘bash’: No such file or directory', 127],
    ['error', 'Cannot open network namespace "cni-1": No such file or directory', 255],
  ] as const)('%s: %s (exit %s)', (expected, stderr, exit) => expect(connect(stderr, exit)).toBe(expected));
});

test('what the node had to end, or lost, says nothing of the network', () => {
  for (const port of [{ protocol: 'icmp' }, { protocol: 'tcp', number: 80 }] as const) {
    expect(answerOf(transcript({ exit: null, timedOut: true }), port)).toBe('error');
    expect(answerOf(transcript({ exit: null }), port)).toBe('error');
  }
});
