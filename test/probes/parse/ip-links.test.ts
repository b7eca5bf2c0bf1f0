import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { LookError } from '../../../src/model/look-error.ts';
import { parseIpLinks, parseNamespaces } from '../../../src/probes/parse/ip-links.ts';
import { readCapture } from '../../cases/capture.ts';
import { jsonText, lookErrorOf } from './hostile.ts';

const healthy = readCapture('healthy-legacy').text('n1/ip-j-d-addr.txt') ?? '';

// The captured nodes stood in for a kernel without ipip: their tunl0 is a tun device of the same name.
test('a real node: card, tunnel and pods', () => {
  const links = parseIpLinks(healthy);
  const named = (name: string) => links.find((link) => link.name === name);
  expect(named('tunl0')).toMatchObject({ kind: 'tun', addresses: [{ prefixLength: 32 }] });
  expect(named('eth0')?.addresses).toEqual([{ address: '10.250.0.11', prefixLength: 24 }]);
  expect(named('tunl0')?.flags).toContain('UP');
  const pods = links.filter(({ name }) => name.startsWith('cali'));
  expect(pods.length).toBeGreaterThan(0);
  for (const pod of pods) expect(pod).toMatchObject({ kind: 'veth', addresses: [], peerNamespace: null });
});

test("a peer's network namespace is known by its id", () => {
  const named = parseIpLinks(
    healthy,
    parseNamespaces('[{"name":"cni-1","id":0},{"name":"cni-2","id":1},{"name":"old"}]'),
  ).map(({ name, peerNamespace }) => [name.slice(0, 4), peerNamespace]);
  expect(named).toContainEqual(['eth0', 'cni-1']);
  expect(named).toContainEqual(['cali', 'cni-2']);
  expect(parseNamespaces('')).toEqual(new Map());
});

test.each([
  [
    { mode: 2, prog: { id: 97, name: 'guard', tag: 'b1', jited: 1 }, attached: [] },
    { name: 'guard', id: 97 },
  ],
  [
    { mode: 1, prog: { id: 5 } },
    { name: null, id: 5 },
  ],
  [
    { mode: 4, attached: [{ mode: 1, prog: { id: 6, name: 'one' } }] },
    { name: 'one', id: 6 },
  ],
  [{ mode: 0 }, undefined],
  ['another form', undefined],
])('an XDP program is named: %j', (xdp, expected) => {
  const [link] = parseIpLinks(JSON.stringify([{ ifindex: 2, ifname: 'eth0', mtu: 1500, xdp }]));
  expect([link?.name, link?.xdp]).toEqual(['eth0', expected]);
});

test.each([
  [
    { info_kind: 'vxlan', info_data: { id: 4096, local: '10.250.0.11', port: 4789, learning: false } },
    { port: 4789, id: 4096 },
  ],
  [{ info_kind: 'vxlan', info_data: { external: true, port: 4789 } }, undefined],
  [{ info_kind: 'vxlan' }, undefined],
  [{ info_kind: 'tun', info_data: { type: 'tun', pi: false } }, undefined],
])('the port and the network number of a VXLAN device: %j', (linkinfo, expected) => {
  const [link] = parseIpLinks(JSON.stringify([{ ifindex: 2, ifname: 'vxlan.calico', mtu: 1450, linkinfo }]));
  expect([link?.kind, link?.vxlan]).toEqual([linkinfo.info_kind, expected]);
});

test('older forms: empty objects for what was left out, no addr_info, no operstate', () => {
  const [link, ...none] = parseIpLinks('[{},{"ifindex":2,"ifname":"eth0","mtu":1500},{}]');
  expect([link, none]).toEqual([
    {
      name: 'eth0',
      index: 2,
      flags: [],
      mtu: 1500,
      operState: 'UNKNOWN',
      addresses: [],
      kind: null,
      peerNamespace: null,
      peerIndex: null,
    },
    [],
  ]);
});

test('an IPv6 address is not an IPv4 address', () => {
  const [link] = parseIpLinks(
    '[{"ifindex":2,"ifname":"eth0","mtu":1500,"addr_info":[{"family":"inet6","local":"fe80::1","prefixlen":64}]}]',
  );
  expect(link?.addresses).toEqual([]);
});

test('an interface of a VRF tells its table', () => {
  const links = parseIpLinks(
    '[{"ifindex":2,"ifname":"eth1","mtu":1500,"master":"red","linkinfo":{"info_slave_kind":"vrf","info_slave_data":{"table":100}}},' +
      '{"ifindex":3,"ifname":"eth2","mtu":1500,"master":"red","linkinfo":{"info_slave_kind":"vrf"}},' +
      '{"ifindex":4,"ifname":"eth3","mtu":1500,"master":"bond0","linkinfo":{"info_slave_kind":"bond","info_slave_data":{"state":"ACTIVE"}}},' +
      '{"ifindex":5,"ifname":"red","mtu":1500,"linkinfo":{"info_kind":"vrf","info_data":{"table":100}}}]',
  );
  expect(links.map(({ vrfTable }) => vrfTable)).toEqual(['100', null, undefined, undefined]);
});

describe('never a wrong value', () => {
  test.each([
    ['empty', ''],
    ['refused', 'Cannot open netlink socket: Permission denied'],
    ['cut', healthy.slice(0, healthy.length / 2)],
    ['null', 'null'],
    ['an object', '{"ifname":"eth0"}'],
    ['of the wrong kind', '[{"ifname":2}]'],
  ])('%s', (_, text) => {
    expect(lookErrorOf(() => parseIpLinks(text))?.code).toBe('not-parsed');
  });
  test('any JSON gives links or a LookError', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        for (const parse of [() => parseIpLinks(text), () => parseNamespaces(text)])
          expect(lookErrorOf(parse) ?? new LookError('not-parsed', '')).toBeInstanceOf(LookError);
      }),
    );
  });
  test('cut anywhere but at its end, nothing is read', () => {
    fc.assert(
      fc.property(fc.nat(healthy.trimEnd().length - 2), (at) =>
        expect(lookErrorOf(() => parseIpLinks(healthy.slice(0, at)))?.code).toBe('not-parsed'),
      ),
      { numRuns: 50 },
    );
  });
});
