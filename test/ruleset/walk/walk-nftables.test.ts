/** Real Felix's own table of nftables, of the cluster of `policies-nft`: what that table alone has. */
import { describe, expect, test } from '@jest/globals';
import { authenticateChain } from '../../../src/ruleset/felix/rule-tags.ts';
import { packetOf } from '../../../src/ruleset/walk/packet.ts';
import { delivered, forwarded, sent, walkFlow } from '../../../src/ruleset/walk/walk-hook.ts';
import { capturedRuleSet, client, mypod } from '../captured.ts';
import { known, toMypod, walksOf } from './captured-walks.ts';

const ruleSet = capturedRuleSet('policies-nftables', 'n1');
const vxlan = capturedRuleSet('healthy-vxlan-nftables', 'n1');
const { leaving } = walksOf(ruleSet);

/** The source address with which a packet of the pod leaves its node. */
const leavingAs = (destination: string) => leaving(destination, 6, 80, 'eth0').packet.source;

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
      walkFlow([ruleSet], toMypod(client.address, 6, 8080), forwarded('tunl0', 'calideadbeef000'), known),
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
    expect([leavingAs('10.244.2.7'), leavingAs('198.51.100.7')]).toEqual([
      mypod.address,
      expect.not.stringContaining(mypod.address),
    ]);
  });

  test('packets of the node to its own pods are not policed', () => {
    expect(walkFlow([ruleSet], toMypod('10.250.0.11', 6, 22), sent(mypod.interface), known).decision).toBe('accept');
  });
});
