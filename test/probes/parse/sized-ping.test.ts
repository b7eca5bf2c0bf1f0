import { describe, expect, test } from '@jest/globals';
import { sizedAnswer } from '../../../src/probes/parse/sized-ping.ts';
import { transcript } from '../transcript.ts';

const summary = (received: number, errors = '') =>
  `PATTERN: 0x00aa\nPING 10.9.0.2 (10.9.0.2) 1472(1500) bytes of data.\n%s\n--- 10.9.0.2 ping statistics ---\n1 packets transmitted, ${received} received,${errors} ${received === 1 ? 0 : 100}% packet loss, time 0ms\n`;
const lines = (line: string, received = 0, errors = '') => summary(received, errors).replace('%s', line);

describe('a ping that may not be fragmented', () => {
  test.each([
    ['an answer', { got: 'reply' }, 0, lines('1480 bytes from 10.9.0.2: icmp_seq=1 ttl=64 time=0.041 ms', 1), ''],
    ['no answer', { got: 'nothing' }, 1, lines(''), ''],
    ['the interface had no room', { got: 'nothing' }, 1, lines(''), 'ping: sendmsg: No buffer space available\n'],
    [
      'a hop takes less',
      { got: 'too-big', most: 1300 },
      1,
      lines('From 10.9.0.2 icmp_seq=1 Frag needed and DF set (mtu = 1300)', 0, ' +1 errors,'),
      '',
    ],
    [
      'the own kernel takes less, or learnt it',
      { got: 'too-big', most: 1300 },
      1,
      lines('', 0, ' +1 errors,'),
      'ping: local error: message too long, mtu=1300\n',
    ],
    [
      'an older spelling of it',
      { got: 'too-big', most: 1450 },
      1,
      lines('', 0, ' +1 errors,'),
      'ping: local error: Message too long, mtu=1450\n',
    ],
    [
      'a hop of IPv6 takes less',
      { got: 'too-big', most: 1300 },
      1,
      lines('From fd00:1::9 icmp_seq=1 Packet too big: mtu=1300', 0, ' +1 errors,'),
      '',
    ],
    [
      'the own kernel takes less, in the words of iputils 20221126',
      { got: 'too-big', most: 1430 },
      1,
      lines('', 0, ' +1 errors,'),
      'ping: local error: message too long, mtu: 1430\n',
    ],
  ] as const)('%s', (_, expected, exit, stdout, stderr) =>
    expect(sizedAnswer(transcript({ exit, stdout, stderr }))).toEqual(expected),
  );

  test.each([
    ['a ping without the option', 2, '', "ping: invalid option -- 'M'\n\nUsage\n  ping [options] <destination>\n"],
    ["BusyBox's ping", 1, '', 'ping: unrecognized option: M\nBusyBox v1.36.1 multi-call binary.\n'],
    ['no way', 2, 'PATTERN: 0x00aa\n', 'ping: connect: Network is unreachable\n'],
    ['a firewall that refuses', 1, lines('From 10.9.0.2 icmp_seq=1 Packet filtered', 0, ' +1 errors,'), ''],
    ['no such namespace', 255, '', 'Cannot open network namespace "cni-1": No such file or directory\n'],
    ['no ping', 127, '', 'nice: ping: No such file or directory\n'],
    ['nothing printed', 1, '', ''],
    ['cut off', 1, 'PATTERN: 0x00aa\nPING 10.9.0.2 (10.9.0.2) 14', ''],
  ] as const)('says nothing of the path: %s', (_, exit, stdout, stderr) =>
    expect(sizedAnswer(transcript({ exit, stdout, stderr })).got).toBe('error'),
  );

  test('says nothing of the path: the node had to end it', () =>
    expect(sizedAnswer(transcript({ exit: null, timedOut: true })).got).toBe('error'));
});
