import { describe, expect, test } from '@jest/globals';
import { parseBgpSockets, parseNodeStatus } from '../../../src/probes/parse/bgp.ts';

const box = (...rows: readonly string[]) =>
  [
    'Calico process is running.',
    '',
    'IPv4 BGP status',
    '+--------------+-------------------+-------+----------+-------------+',
    '| PEER ADDRESS |     PEER TYPE     | STATE |  SINCE   |    INFO     |',
    '+--------------+-------------------+-------+----------+-------------+',
    ...rows,
    '+--------------+-------------------+-------+----------+-------------+',
    '',
  ].join('\n');
const established = '| 10.250.0.12  | node-to-node mesh | up    | 04:17:18 | Established |';
const refused = '| 10.250.0.13  | node specific     | start | 04:27:50 | Active Socket: Connection refused |';
const noIPv6 = "\nINFO: BIRDv6 process: 'bird6' is not running.\n";

describe('calicoctl node status', () => {
  test.each<[string, string, ReturnType<typeof parseNodeStatus>]>([
    [
      'sessions that are up and down',
      box(established, refused) + noIPv6,
      {
        running: true,
        sessions: [
          { address: '10.250.0.12', established: true, type: 'mesh', info: 'Established' },
          { address: '10.250.0.13', established: false, type: 'configured', info: 'Active Socket: Connection refused' },
        ],
      },
    ],
    [
      'sessions of IPv6 are left out',
      `${box(established)}\nIPv6 BGP status\n| 10.250.0.14 | global | up | 04:17:18 | Established |\n`,
      { running: true, sessions: [{ address: '10.250.0.12', established: true, type: 'mesh', info: 'Established' }] },
    ],
    [
      'no peers',
      `Calico process is running.\n\nIPv4 BGP status\nNo IPv4 peers found.\n${noIPv6}`,
      { running: true, sessions: [] },
    ],
    [
      'BIRD does not run',
      'Calico process is running.\n\nThe BGP backend process (BIRD) is not running.\n',
      { running: false, sessions: [] },
    ],
    [
      'BIRD could not be asked',
      'Calico process is running.\n\nIPv4 BGP status\nError querying BIRD: unable to connect to BIRDv4 socket: dial unix ' +
        `/var/run/calico/bird.ctl: connect: no such file or directory${noIPv6}`,
      null,
    ],
    ['no Calico process: that decides nothing', 'Calico process is not running.\n', null],
    ['nothing', '', null],
    ['a box that is cut off before its rows', box().split('\n').slice(0, 5).join('\n'), null],
  ])('%s', (_, text, expected) => {
    expect(parseNodeStatus(text)).toEqual(expected);
  });

  test('sessions of IPv6, for a flow of IPv6', () => {
    const six = box('| fd00::13     | global            | start | 04:27:50 | Connect     |').replace(
      'IPv4 BGP',
      'IPv6 BGP',
    );
    const both = `${box(established)}\n${six}`;
    expect(parseNodeStatus(both, 6)).toEqual({
      running: true,
      sessions: [{ address: 'fd00::13', established: false, type: 'configured', info: 'Connect' }],
    });
    expect(parseNodeStatus(`${box(established)}\nIPv6 BGP status\nNo IPv6 peers found.\n`, 6)).toEqual({
      running: true,
      sessions: [],
    });
    expect(parseNodeStatus(box(established) + noIPv6, 6)).toBeNull();
  });
});

describe('sockets of port 179', () => {
  test.each<[string, string, ReturnType<typeof parseBgpSockets>]>([
    [
      'a session, an attempt, and what is left of another',
      [
        'LISTEN     0      8          0.0.0.0:179       0.0.0.0:*    ',
        'SYN-SENT   0      1      10.250.0.11:33125 10.250.0.12:179  ',
        'ESTAB      0      0      10.250.0.11:179   10.250.0.13:47975',
        'FIN-WAIT-1 0      22     10.250.0.11:179   10.250.0.12:39359',
        '',
      ].join('\n'),
      {
        running: true,
        sessions: [
          { address: '10.250.0.12', established: false, info: 'Connect' },
          { address: '10.250.0.13', established: true, info: 'Established' },
        ],
      },
    ],
    [
      'a connection stands although another attempt is under way',
      'ESTAB 0 0 10.250.0.11:179 10.250.0.12:4000\nSYN-SENT 0 1 10.250.0.11:33125 10.250.0.12:179\n',
      { running: true, sessions: [{ address: '10.250.0.12', established: true, info: 'Established' }] },
    ],
    [
      'IPv4 in IPv6',
      'ESTAB 0 0 [::ffff:10.250.0.11]:179 [::ffff:10.250.0.12]:4000\n',
      { running: true, sessions: [{ address: '10.250.0.12', established: true, info: 'Established' }] },
    ],
    ['it only listens', 'LISTEN 0 8 0.0.0.0:179 0.0.0.0:*\n', { running: true, sessions: [] }],
    ['nobody listens', '', { running: false, sessions: [] }],
    ['a line that is cut off', 'ESTAB 0', { running: false, sessions: [] }],
  ])('%s', (_, text, expected) => {
    expect(parseBgpSockets(text)).toEqual(expected);
  });
});
