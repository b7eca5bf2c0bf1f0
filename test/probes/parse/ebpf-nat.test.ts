import { expect, test } from '@jest/globals';
import { parseNat } from '../../../src/probes/parse/ebpf-nat.ts';
import { readCapture } from '../../cases/capture.ts';

test('what real programs held', () => {
  const services = parseNat(readCapture('healthy-bpf').text('n1/nat-dump.txt') ?? '');
  expect(services.map(({ address, port, protocol, backends }) => [address, port, protocol, backends])).toEqual([
    ['10.96.0.1', 443, 6, ['10.250.0.10:6443']],
    ['10.96.199.67', 8080, 6, ['10.244.2.9:8080']],
    ['10.96.224.191', 5432, 6, ['10.244.1.9:5432']],
    ['10.96.250.214', 8080, 6, ['10.244.1.5:8080', '10.244.3.5:8080']],
  ]);
});

test.each<[string, string, readonly (readonly string[])[]]>([
  ['nothing', '', []],
  ['none behind it', '10.96.0.10 port 53 proto 17 id 4 count 0 local 0\n', [[]]],
  ['packets are dropped', '10.96.0.10 port 53 proto 17 id 4 count -1 local 0 flags external-local\n', [[]]],
  [
    'a backend is missing',
    '10.96.0.10 port 53 proto 17 id 4 count 2 local 0\n\t4:0\t is missing\n\t4:1\t 10.244.1.9:53',
    [['10.244.1.9:53']],
  ],
  ['of IPv6', 'fd00::a port 53 proto 17 id 4 count 1 local 0\n\t4:0\t [fd00:10::9]:53', [['[fd00:10::9]:53']]],
  [
    'for some sources alone',
    '10.0.0.9 port 80 proto 6 id 5 count 1 local 0 src 192.0.2.0/24\n\t5:0\t 10.244.1.9:80',
    [],
  ],
  [
    'pods get those of the node alone',
    '10.96.0.10 port 53 proto 17 id 4 count 3 local 2 flags external-local, internal-local\n' +
      '\t4:0\t is missing\n\t4:1\t 10.244.1.9:53\n\t4:2\t 10.244.2.9:53',
    [['10.244.1.9:53']],
  ],
  [
    'pods get all, and clients outside those of the node',
    '10.96.0.10 port 53 proto 17 id 4 count 2 local 1 flags external-local\n' +
      '\t4:0\t 10.244.1.9:53\n\t4:1\t 10.244.2.9:53',
    [['10.244.1.9:53', '10.244.2.9:53']],
  ],
])('%s', (_, text, backends) => {
  expect(parseNat(text).map((one) => one.backends)).toEqual(backends);
});

test.each(['No such command', '\t4:0\t 10.244.1.9:53', '10.96.0.10 port 53 proto 17'])('%j is no dump', (text) => {
  expect(() => parseNat(text)).toThrow(/nat dump printed a line of no known shape/);
});
