import { expect, test } from '@jest/globals';
import { forwardedTo } from '../../../src/probes/parse/bridge-fdb.ts';

const mac = '66:aa:bb:cc:dd:02';

test.each<[string, string, readonly string[]]>([
  ['as Felix writes it', '66:aa:bb:cc:dd:02 dst 10.250.0.12 self permanent\n', ['10.250.0.12']],
  [
    'among the entries of other nodes',
    '66:aa:bb:cc:dd:03 dst 10.250.0.13 self permanent\n66:aa:bb:cc:dd:02 dst 10.250.0.12 self permanent\n',
    ['10.250.0.12'],
  ],
  [
    'with a port, a network id and a link',
    '66:aa:bb:cc:dd:02 dst 10.250.0.12 port 8472 vni 7 via eth0 self permanent\n',
    ['10.250.0.12'],
  ],
  [
    'of a device that learns addresses',
    '66:aa:bb:cc:dd:02 dev vxlan.calico dst 10.250.0.12 self extern_learn\n',
    ['10.250.0.12'],
  ],
  [
    'to every node: the entry for all addresses',
    '00:00:00:00:00:00 dst 10.250.0.12 self permanent\n00:00:00:00:00:00 dst 10.250.0.13 self permanent\n',
    ['10.250.0.12', '10.250.0.13'],
  ],
  [
    'its own entry before the one for all addresses',
    '00:00:00:00:00:00 dst 10.250.0.13 self permanent\n66:aa:bb:cc:dd:02 dst 10.250.0.12 self permanent\n',
    ['10.250.0.12'],
  ],
  ['an address that goes nowhere', '66:aa:bb:cc:dd:02 self permanent\n', []],
  ['an address of another node', '66:aa:bb:cc:dd:03 dst 10.250.0.13 self permanent\n', []],
  ['nothing', '', []],
  ['words', 'Cannot find device "vxlan.calico"\n', []],
  ['a line that is cut off', '66:aa:bb:cc:dd:02 dst', []],
])('forwarding entries: %s', (_, text, expected) => {
  expect(forwardedTo(text, mac)).toEqual(expected);
});
