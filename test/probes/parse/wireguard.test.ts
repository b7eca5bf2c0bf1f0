import { expect, test } from '@jest/globals';
import { parseWireguardPeers } from '../../../src/probes/parse/wireguard.ts';

const [one, other] = ['xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=', 'TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0='];

test('the peers with their networks, places and last handshakes', () => {
  expect(
    parseWireguardPeers(
      `${one}\t1700000000\n${other}\t0\n`,
      `${one}\t10.244.1.0/26 10.0.0.1/32\n${other}\t(none)\n`,
      `${one}\t10.0.0.1:51820\n${other}\t(none)\n`,
      1_700_000_065.4,
    ),
  ).toEqual([
    { key: one, endpoint: '10.0.0.1:51820', allowed: ['10.244.1.0/26', '10.0.0.1/32'], handshakeSeconds: 65 },
    { key: other, endpoint: null, allowed: [], handshakeSeconds: null },
  ]);
});

test.each([
  ['there is no peer', '', []],
  ['another shape', 'interface: wireguard.cali\n', []],
  [
    'the clock of the bot is behind',
    `${one}\t1700000100\n`,
    [{ key: one, endpoint: null, allowed: [], handshakeSeconds: 0 }],
  ],
  [
    'the others were cut off',
    `${one}\t17`,
    [{ key: one, endpoint: null, allowed: [], handshakeSeconds: 1_700_000_048 }],
  ],
])('%s', (_, handshakes, peers) => {
  expect(parseWireguardPeers(handshakes, '', '', 1_700_000_065)).toEqual(peers);
});
