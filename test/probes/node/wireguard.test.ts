import { expect, test } from '@jest/globals';
import type { FlowState } from '../../../src/model/flow-state.ts';
import type { Link } from '../../../src/model/network.ts';
import { wireguard } from '../../../src/probes/node/wireguard.ts';
import { codeOf, probing } from '../scripted.ts';

const link: Link = {
  name: 'wireguard.cali',
  index: 9,
  flags: ['UP'],
  mtu: 1440,
  operState: 'UNKNOWN',
  addresses: [{ address: '10.244.1.9', prefixLength: 32 }],
  kind: 'wireguard',
  peerNamespace: null,
  peerIndex: null,
};
const said = {
  'wg-handshakes': { stdout: 'k\t0\n' },
  'wg-allowed-ips': { stdout: 'k\t10.244.2.0/26\n' },
  'wg-endpoints': { stdout: 'k\t(none)\n' },
  'date-seconds': { stdout: '1700000200\n' },
};
const looked = (script: object, links: readonly Link[] = [link], judgedPort: FlowState = 'fails') =>
  probing(wireguard, {
    script: script as never,
    facts: {
      flow: { source: { node: 'n2' }, destination: { node: 'n1', address: '10.244.1.5' } } as never,
      'links@target': links,
      'links@source': [],
      'tried-outcome': { flow: judgedPort, judgedPort },
    },
  }).fact('wireguard');

test.each<[string, Partial<Link>]>([
  ['up', {}],
  ['down', { flags: [] }],
  ['addressless', { addresses: [] }],
])('an interface that is %s, and its peers', async (state, of) => {
  expect(await looked(said, [{ ...link, ...of }])).toMatchObject({
    value: [{ node: 'n1', state, peers: [{ key: 'k', allowed: ['10.244.2.0/26'], handshakeSeconds: null }] }],
  });
});

test("the age of a handshake is by the node's clock, whatever that of the bot says", async () => {
  const handshakes = { stdout: 'k\t1700000000\n' };
  expect(await looked({ ...said, 'wg-handshakes': handshakes })).toMatchObject({
    value: [{ peers: [{ handshakeSeconds: 200 }] }],
  });
});

test("without the node's clock nothing is said of ages", async () => {
  expect(codeOf(await looked({ ...said, 'date-seconds': { stdout: 'Thu Nov 26\n' } }))).toBe('not-parsed');
});

test.each([
  ['wg is not there', { exit: 127, stderr: 'sudo: wg: command not found' }, 'tool-missing'],
  ['the interface just went', { exit: 1, stderr: 'Unable to access interface: No such device' }, 'command-failed'],
  ['it was cut off', { stdout: 'k\t', truncated: true }, 'output-too-large'],
])('not known: %s', async (_, one, code) => {
  expect(codeOf(await looked({ ...said, 'wg-handshakes': one }))).toBe(code);
});

test('is not asked where there is none, or nothing is lost', async () => {
  expect(codeOf(await looked({}, []))).toBe('not-applicable');
  expect(codeOf(await looked({}, [link], 'works'))).toBe('not-applicable');
});
