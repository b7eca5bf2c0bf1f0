import { describe, expect, test } from '@jest/globals';
import { translationOf } from '../../../src/ruleset/kube-proxy/translation.ts';
import { parseIptablesSave } from '../../../src/ruleset/iptables/save.ts';
import { parseNftJson } from '../../../src/ruleset/nft/listing.ts';

const web = { address: '198.51.100.20', port: { protocol: 'tcp', number: 80 } } as const;

/** As kube-proxy 1.34 writes them in iptables mode, shortened to one Service of two pods and one without. */
const saved = `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:KUBE-SERVICES - [0:0]
-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A KUBE-SERVICES -d 198.51.100.21/32 -p tcp -m comment --comment "default/empty has no endpoints" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-SEP-AAAAAAAAAAAAAAAA - [0:0]
:KUBE-SEP-BBBBBBBBBBBBBBBB - [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-SVC-CCCCCCCCCCCCCCCC - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-SEP-AAAAAAAAAAAAAAAA -s 192.0.2.5/32 -m comment --comment "default/web:http" -j KUBE-MARK-MASQ
-A KUBE-SEP-AAAAAAAAAAAAAAAA -p tcp -m comment --comment "default/web:http" -m tcp -j DNAT --to-destination 192.0.2.5:8080
-A KUBE-SEP-BBBBBBBBBBBBBBBB -s 192.0.2.9/32 -m comment --comment "default/web:http" -j KUBE-MARK-MASQ
-A KUBE-SEP-BBBBBBBBBBBBBBBB -p tcp -m comment --comment "default/web:http" -m tcp -j DNAT --to-destination 192.0.2.9:8080
-A KUBE-SERVICES -d 198.51.100.20/32 -p tcp -m comment --comment "default/web:http cluster IP" -m tcp --dport 80 -j KUBE-SVC-CCCCCCCCCCCCCCCC
-A KUBE-SVC-CCCCCCCCCCCCCCCC ! -s 192.0.2.0/24 -d 198.51.100.20/32 -p tcp -m comment --comment "default/web:http cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ
-A KUBE-SVC-CCCCCCCCCCCCCCCC -m comment --comment "default/web:http -> 192.0.2.5:8080" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-AAAAAAAAAAAAAAAA
-A KUBE-SVC-CCCCCCCCCCCCCCCC -m comment --comment "default/web:http -> 192.0.2.9:8080" -j KUBE-SEP-BBBBBBBBBBBBBBBB
COMMIT
`;

const chain = (name: string) => ({ chain: { family: 'ip', table: 'kube-proxy', name, handle: 1 } });
const rule = (of: string, expr: readonly object[]) => ({
  rule: { family: 'ip', table: 'kube-proxy', chain: of, handle: 2, expr },
});
const payload = (protocol: string, field: string) => ({ payload: { protocol, field } });
const element = (address: string, verdict: object) => [{ concat: [address, 'tcp', 80] }, verdict];
const map = (name: string, elem: readonly unknown[]) => ({
  map: {
    family: 'ip',
    table: 'kube-proxy',
    name,
    type: ['ipv4_addr', 'inet_proto', 'inet_service'],
    map: 'verdict',
    elem,
  },
});
const dispatched = (name: string) => ({
  vmap: {
    key: { concat: [payload('ip', 'daddr'), { meta: { key: 'l4proto' } }, payload('th', 'dport')] },
    data: `@${name}`,
  },
});
const dnat = (address: string) => ({ dnat: { addr: address, port: 8080 } });
/** The same of its nftables mode. */
const listed = JSON.stringify({
  nftables: [
    { metainfo: { version: '1.0.6', json_schema_version: 1 } },
    { table: { family: 'ip', name: 'kube-proxy', handle: 1 } },
    map('service-ips', [element('198.51.100.20', { goto: { target: 'service-AAAAAAAA-default/web/tcp/http' } })]),
    map('no-endpoint-services', [element('198.51.100.21', { goto: { target: 'reject-chain' } })]),
    ...['services', 'reject-chain', 'service-AAAAAAAA-default/web/tcp/http', 'endpoint-1', 'endpoint-2'].map(chain),
    rule('services', [dispatched('service-ips')]),
    rule('services', [dispatched('no-endpoint-services')]),
    rule('reject-chain', [{ reject: { type: 'icmp', expr: 'port-unreachable' } }]),
    rule('service-AAAAAAAA-default/web/tcp/http', [
      {
        vmap: {
          key: { numgen: { mode: 'random', mod: 2, offset: 0 } },
          data: {
            set: [
              [0, { goto: { target: 'endpoint-1' } }],
              [1, { goto: { target: 'endpoint-2' } }],
            ],
          },
        },
      },
    ]),
    rule('endpoint-1', [{ match: { op: '==', left: { meta: { key: 'l4proto' } }, right: 'tcp' } }, dnat('192.0.2.5')]),
    rule('endpoint-2', [{ match: { op: '==', left: { meta: { key: 'l4proto' } }, right: 'tcp' } }, dnat('192.0.2.9')]),
  ],
});

/** The same of IPv6, as ip6tables-save and nft print it. */
const inIpv6 = (text: string) =>
  text
    .replaceAll(/192\.0\.2\.(\d+):8080/g, '[2001:db8:2::$1]:8080')
    .replaceAll(/192\.0\.2\.(\d+)/g, '2001:db8:2::$1')
    .replaceAll(/198\.51\.100\.(\d+)/g, '2001:db8:3::$1')
    .replaceAll('/32', '/128')
    .replaceAll('/24', '/64')
    .replaceAll('icmp-port-unreachable', 'icmp6-port-unreachable')
    .replaceAll('"type":"icmp"', '"type":"icmpv6"')
    .replaceAll('"ip"', '"ip6"')
    .replaceAll('ipv4_addr', 'ipv6_addr');

test.each([
  ['iptables', [parseIptablesSave(inIpv6(saved), { family: 'ip6' })]],
  ['nftables', [parseNftJson(inIpv6(listed))]],
])('in mode %s a Service of IPv6 leads to its endpoints, or is refused', (_, ruleSets) => {
  const web6 = { ...web, address: '2001:db8:3::20' };
  expect(translationOf(ruleSets, web6)).toMatchObject({
    kind: 'endpoints',
    endpoints: ['[2001:db8:2::5]:8080', '[2001:db8:2::9]:8080'],
  });
  expect(translationOf(ruleSets, { ...web, address: '2001:db8:3::21' })).toMatchObject({ kind: 'refused' });
  expect(translationOf(ruleSets, { ...web, address: '2001:db8:3::22' })).toEqual({ kind: 'none' });
});

const modes = { iptables: [parseIptablesSave(saved)], nftables: [parseNftJson(listed)] };

describe.each(['iptables', 'nftables'] as const)('in mode %s', (mode) => {
  test('a Service leads to each of its endpoints', () => {
    expect(translationOf(modes[mode], web)).toMatchObject({
      kind: 'endpoints',
      endpoints: ['192.0.2.5:8080', '192.0.2.9:8080'],
    });
  });
  test('a Service without endpoints is refused', () => {
    expect(translationOf(modes[mode], { ...web, address: '198.51.100.21' })).toMatchObject({ kind: 'refused' });
  });
  test.each([
    ['another address', { ...web, address: '198.51.100.22' }],
    ['another port', { ...web, port: { protocol: 'tcp', number: 81 } }],
    ['another protocol', { ...web, port: { protocol: 'udp', number: 80 } }],
  ] as const)('%s is no Service', (_, service) => {
    expect(translationOf(modes[mode], service)).toEqual({ kind: 'none' });
  });
});

test('a node without chains of kube-proxy has no proxy of these modes', () => {
  const others = saved.replaceAll('KUBE-SERVICES', 'OTHER-SERVICES');
  expect(translationOf([parseIptablesSave(others)], web)).toEqual({ kind: 'no-proxy' });
});

test('chains that lead in a circle end', () => {
  const circle = saved.replace(
    '-m comment --comment "default/web:http -> 192.0.2.9:8080" -j KUBE-SEP-BBBBBBBBBBBBBBBB',
    '-j KUBE-SVC-CCCCCCCCCCCCCCCC',
  );
  expect(translationOf([parseIptablesSave(circle)], web)).toMatchObject({ endpoints: ['192.0.2.5:8080'] });
});
