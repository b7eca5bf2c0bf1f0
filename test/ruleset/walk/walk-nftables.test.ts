/** Real Felix's own table of nftables, of the cluster of `policies-nft`: what ends a packet there, and who is named. */
import { describe, expect, test } from '@jest/globals';
import { authenticateChain } from '../../../src/ruleset/felix/rule-tags.ts';
import { packetOf } from '../../../src/ruleset/walk/packet.ts';
import { delivered, forwarded, sent, walkFlow } from '../../../src/ruleset/walk/walk-hook.ts';
import { capturedRuleSet, client, mypod } from '../captured.ts';

const ruleSet = capturedRuleSet('policies-nftables', 'n1');
const vxlan = capturedRuleSet('healthy-vxlan-nftables', 'n1');
const known = {
  node: {
    reversePath: 'valid',
    localAddresses: [
      { address: '10.250.0.11', interface: 'eth0' },
      { address: '10.244.1.0', interface: 'tunl0' },
    ],
  },
} as const;

const flowFrom = (source: string, protocol: number, destinationPort: number | null = null) =>
  packetOf({ source, destination: mypod.address, protocol, sourcePort: 40000, destinationPort });
const asked = (source: string, protocol: number, port: number | null = null) =>
  walkFlow([ruleSet], flowFrom(source, protocol, port), forwarded('tunl0', mypod.interface), known);
const leaving = (destination: string, protocol: number, destinationPort: number) =>
  walkFlow(
    [ruleSet],
    packetOf({ source: mypod.address, destination, protocol, sourcePort: 40000, destinationPort }),
    forwarded(mypod.interface, 'tunl0'),
    known,
  );

const web = { kind: 'policy', name: 'web-from-client-and-shop-api', namespace: 'default', tier: 'default' };
const guard = { kind: 'policy', name: 'security.web-guard', namespace: 'default', tier: 'security' };

describe("packets in Calico's table of nftables", () => {
  test("every rule carries Felix's own tag", () => {
    for (const one of [ruleSet, vxlan])
      for (const { name, chains } of one.tables)
        for (const chain of chains) {
          const { state, rules } = authenticateChain('nftables', name, chain);
          expect([chain.name, state === 'edited', rules.filter((rule) => rule !== 'genuine')]).toEqual([
            chain.name,
            false,
            [],
          ]);
        }
  });

  test.each([
    ['client', client.address],
    ['shop/api', '10.244.2.9'],
  ])('TCP 8080 from %s is accepted by the policy, through the verdict map', (_, source) => {
    expect(asked(source, 6, 8080)).toMatchObject({
      decision: 'accept',
      owner: { ...web, direction: 'ingress' },
      uncertainties: [],
      rule: { chain: 'filter-FORWARD', index: 2 },
    });
  });

  test.each([
    ['ping from client', client.address, 1, null],
    ['TCP 8080 from shop/db', '10.244.1.9', 6, 8080],
    ['TCP 80 from client', client.address, 6, 80],
    ['UDP 8080 from client', client.address, 17, 8080],
  ])('%s is refused at the end of the tier in which the policy selects the pod', (_, source, protocol, port) => {
    expect(asked(source, protocol, port)).toMatchObject({
      decision: 'drop',
      owner: {
        kind: 'tier-default',
        name: 'default',
        tier: 'default',
        policies: [{ name: 'web-from-client-and-shop-api', namespace: 'default' }],
      },
      rule: { chain: `filter-cali-tw-${mypod.interface}` },
      uncertainties: [],
    });
  });

  test.each([
    ['SSH', client.address, 22],
    ['a port of the denied range', client.address, 2250],
    ['a denied net', '10.244.2.201', 8080],
  ])('%s is denied by the security tier', (_, source, port) => {
    expect(asked(source, 6, port)).toMatchObject({ decision: 'drop', owner: guard });
  });

  test('the exception of the denied net goes on to the next tier', () => {
    expect(asked('10.244.2.200', 6, 8080).owner).toMatchObject({ kind: 'tier-default', name: 'default' });
  });

  test('egress: metadata is denied by a global policy, DNS admitted, the rest left to the profile', () => {
    expect(leaving('169.254.169.254', 6, 80)).toMatchObject({
      decision: 'drop',
      owner: { kind: 'policy', name: 'security.no-egress-to-metadata', namespace: null, tier: 'security' },
    });
    expect(leaving('10.244.2.7', 17, 53)).toMatchObject({
      decision: 'accept',
      owner: { name: 'security.no-egress-to-metadata' },
    });
    expect(leaving('10.244.2.7', 6, 80)).toMatchObject({
      decision: 'accept',
      owner: { kind: 'profile', name: 'kns.default', direction: 'egress' },
    });
  });

  test('a pod with a forged address is dropped before any policy', () => {
    const forged = { ...known, node: { ...known.node, reversePath: 'invalid' } } as const;
    const packet = packetOf({ source: '10.9.9.9', destination: '10.244.2.7', protocol: 6, destinationPort: 80 });
    expect(walkFlow([ruleSet], packet, forwarded(mypod.interface, 'tunl0'), forged)).toMatchObject({
      decision: 'drop',
      rule: { chain: 'raw-cali-PREROUTING' },
      owner: { kind: 'calico-static' },
    });
  });

  test('an interface that no endpoint has ends behind the verdict map', () => {
    expect(
      walkFlow([ruleSet], flowFrom(client.address, 6, 8080), forwarded('tunl0', 'calideadbeef000'), known),
    ).toMatchObject({
      decision: 'drop',
      rule: { comments: [expect.any(String), 'Unknown interface'] },
      owner: { kind: 'dispatch' },
    });
  });

  test.each([
    ['IPIP', ruleSet, { protocol: 4 }, 'Drop IPIP packets from non-Calico hosts'],
    ['VXLAN', vxlan, { protocol: 17, destinationPort: 4789 }, 'Drop IPv4 VXLAN packets from non-allowed hosts'],
  ])('%s is taken from the nodes of the set alone, and not tracked where Felix says so', (_, rules, kind, comment) => {
    const outer = (source: string) =>
      walkFlow([rules], packetOf({ source, destination: '10.250.0.11', ...kind }), delivered('eth0'), known);
    expect(outer('10.250.0.12')).toMatchObject({ decision: 'accept', uncertainties: [] });
    expect(outer('10.250.0.99')).toMatchObject({ decision: 'drop', rule: { comments: [expect.any(String), comment] } });
  });

  test('what leaves all pools is masqueraded, and what stays is not', () => {
    const to = (destination: string) =>
      walkFlow(
        [ruleSet],
        packetOf({ source: mypod.address, destination, protocol: 6, sourcePort: 40000, destinationPort: 80 }),
        forwarded(mypod.interface, 'eth0'),
        known,
      ).packet.source;
    expect([to('10.244.2.7'), to('198.51.100.7')]).toEqual([mypod.address, expect.not.stringContaining(mypod.address)]);
  });

  test('packets of the node to its own pods are not policed', () => {
    const packet = { ...flowFrom('10.250.0.11', 6, 22), sourcePort: 40000 };
    expect(walkFlow([ruleSet], packet, sent(mypod.interface), known)).toMatchObject({ decision: 'accept' });
  });
});
