import { expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { parseEbpfConnections } from '../../../src/probes/parse/ebpf-connections.ts';
import { readCapture } from '../../cases/capture.ts';

const dump = (name: string, node: string) => readCapture(name).text(`${node}/during.conntrack-dump.txt`) ?? '';

test('every line of every captured dump is read', () => {
  const names = readdirSync('test/fixtures/captures').filter((name) => name.endsWith('-bpf'));
  const dumps = names.flatMap((name) => ['n1', 'n2'].map((node) => dump(name, node))).filter((text) => text !== '');
  expect(dumps.length).toBeGreaterThanOrEqual(12);
  for (const text of dumps) expect(parseEbpfConnections(text)).toHaveLength(text.trimEnd().split('\n').length);
});

test('a connection to a Service has the address of the Service, and that of the pod behind it', () => {
  const [one] = parseEbpfConnections(
    'TCP 10.244.2.7:57766 -> 10.96.250.214:8080 -> 10.244.1.5:8081  Active ago 4.180999417s SYN-SENT\n',
  );
  expect(one).toEqual({
    protocol: 'tcp',
    state: 'SYN_SENT',
    original: { source: '10.244.2.7', destination: '10.96.250.214', sourcePort: 57_766, destinationPort: 8080 },
    reply: { source: '10.244.1.5', destination: '10.244.2.7', sourcePort: 8081, destinationPort: 57_766 },
    answered: false,
    expiresIn: null,
    idleSeconds: 4.180999417,
  });
});

test.each([
  ['1m34.115904825s', 94.115904825],
  ['201.760714ms', 0.201760714],
  ['15.3µs', 0.0000153],
  ['1h2m3s', 3723],
  ['0s', 0],
  ['-3.2ms', 0],
])('a packet %s ago', (ago, seconds) => {
  const [one] = parseEbpfConnections(`UDP 10.244.2.7:53124 -> 10.244.1.5:53  Active ago ${ago}`);
  expect(one).toMatchObject({ state: null, answered: false, reply: { source: '10.244.1.5', sourcePort: 53 } });
  expect(one?.idleSeconds).toBeCloseTo(seconds, 9);
});

test('what stands between the addresses and the time is no part of them', () => {
  const text =
    'UDP 10.250.0.9:4000 -> 10.250.0.11:30053 -> 10.244.1.5:53 external client, service forwarded to/from ' +
    '10.250.0.12 source port changed from 4001  Active ago 2.5s\n' +
    'TCP 10.244.2.7:4002 -> 10.244.1.5:80  Age: 5.1s Active ago 2s ESTABLISHED\n';
  expect(parseEbpfConnections(text)).toMatchObject([{ idleSeconds: 2.5 }, { idleSeconds: 2, answered: true }]);
});

test('nothing printed: there is none', () => {
  expect(parseEbpfConnections('\n')).toEqual([]);
});

test.each([
  'Usage: calico-bpf conntrack',
  'TCP 10.244.2.7:57766 -> 10.96',
  'UDP 10.244.2.7:1 -> 10.244.1.5:2  Active ago soon',
])('not read: %s', (line) => {
  expect(() => parseEbpfConnections(line)).toThrow('no known shape');
});
