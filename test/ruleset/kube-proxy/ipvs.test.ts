import { expect, test } from '@jest/globals';
import { serviceTranslation } from '../../../src/computed/service-translation.ts';
import { observed, unavailable, type Fact } from '../../../src/model/evidence.ts';
import type { RealServer, VirtualServer } from '../../../src/model/ipvs.ts';
import type { Link } from '../../../src/model/network.ts';
import type { Translation } from '../../../src/model/service-translation.ts';
import type { RuleSet } from '../../../src/model/ruleset/rules.ts';
import { parseIptablesSave } from '../../../src/ruleset/iptables/save.ts';
import { ipvsTranslation } from '../../../src/ruleset/kube-proxy/ipvs.ts';

const service = { address: '198.51.100.20', port: { protocol: 'tcp', number: 80 } } as const;
const device = (...addresses: readonly string[]): readonly Link[] => [
  {
    name: 'kube-ipvs0',
    index: 7,
    flags: ['BROADCAST', 'NOARP'],
    mtu: 1500,
    operState: 'DOWN',
    addresses: addresses.map((address) => ({ address, prefixLength: 32 })),
    kind: 'dummy',
    peerNamespace: null,
    peerIndex: null,
  },
];
const [web, gone] = [1, 0].map((weight, at): RealServer => ({ address: `192.0.2.${5 + at}`, port: 8080, weight }));
const having = (...servers: readonly (RealServer | undefined)[]): readonly VirtualServer[] => [
  { protocol: 'tcp', ...service, port: 80, servers: servers.filter((one) => one !== undefined) },
];
const own = device(service.address);
const lacking = 'kube-proxy uses IPVS, and kube-ipvs0 lacks the address 198.51.100.20.';
const none = 'kube-proxy uses IPVS, which has no virtual server for it.';

test.each<[string, readonly VirtualServer[], readonly Link[], object]>([
  ['leads to its real servers, but not to those that go', having(web, gone), own, { endpoints: ['192.0.2.5:8080'] }],
  ['has no real server', having(), own, { kind: 'refused', rule: 'IPVS tcp 198.51.100.20:80 has no real server' }],
  ['has real servers that go alone', having(gone), own, { kind: 'refused', rule: expect.stringContaining('weight 0') }],
  ['has another port', having(web).map((one) => ({ ...one, port: 81 })), own, { kind: 'none', why: none }],
  ['has another protocol', having(web).map((one) => ({ ...one, protocol: 'udp' })), own, { kind: 'none', why: none }],
  ['is not seen: the node lacks the address', having(web), device('198.51.100.21'), { kind: 'none', why: lacking }],
])('a virtual server %s', (_, servers, links, expected) => {
  expect(ipvsTranslation(servers, links, service)).toMatchObject(expected);
});

test('of IPv6, endpoints have brackets', () => {
  const six = { address: 'fd00::14', port: { protocol: 'tcp', number: 80 } } as const;
  const servers = [
    { protocol: 'tcp', address: 'fd00::14', port: 80, servers: [{ address: 'fd00:10::5', port: 8080, weight: 1 }] },
  ];
  expect(ipvsTranslation(servers, device('fd00::14'), six)).toMatchObject({ endpoints: ['[fd00:10::5]:8080'] });
});

const rules = parseIptablesSave(
  [
    '*nat',
    ':KUBE-SERVICES - [0:0]',
    ':KUBE-SVC-A - [0:0]',
    '-A KUBE-SERVICES -d 198.51.100.20/32 -p tcp -m tcp --dport 80 -j KUBE-SVC-A',
    '-A KUBE-SVC-A -p tcp -j DNAT --to-destination 192.0.2.7:8080',
    'COMMIT\n',
  ].join('\n'),
  { backend: 'iptables-nft' },
);
const translated = (
  links: readonly Link[],
  servers: Fact<readonly VirtualServer[]>,
  ruleSets: readonly RuleSet[] = [],
) => {
  const facts: Readonly<Record<string, Fact<unknown>>> = {
    'links@source': observed(links),
    'rulesets@source': observed({ node: 'n1', ruleSets, at: '' }),
    dataplanes: observed([]),
    'ipvs-servers': servers,
  };
  return serviceTranslation.compute(
    {
      get: () => ({ service: { ...service, name: 'shop/web' }, source: { node: 'n1' } }) as never,
      evidence: () => [],
      ask: async (key) => facts[key] as never,
    },
    {} as never,
  ) as Promise<Fact<Translation>>;
};

test('IPVS is asked where its interface is there, and the rules else', async () => {
  expect(await translated(own, observed(having(web)))).toMatchObject({ value: { endpoints: ['192.0.2.5:8080'] } });
  expect(await translated([], observed(having(web)))).toMatchObject({ value: { kind: 'no-proxy' } });
  expect(await translated(own, unavailable('command-failed', 'no such file'))).toMatchObject({
    code: 'command-failed',
    reason: expect.stringMatching(/uses IPVS on n1, which was not read: no such file \(run ipvsadm -Ln there\)/),
  });
});

test('rules that translate are before IPVS, whose interface may be left from another mode', async () => {
  expect(await translated(own, observed([]), [rules])).toMatchObject({ value: { endpoints: ['192.0.2.7:8080'] } });
});
