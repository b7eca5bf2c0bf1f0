import { describe, expect, test } from '@jest/globals';
import { packetOf } from '../../../src/ruleset/walk/packet.ts';
import { delivered, forwarded, walkFlow, walkHook } from '../../../src/ruleset/walk/walk-hook.ts';
import { capturedRuleSet, client, mypod } from '../captured.ts';
import { known, toMypod, walksOf } from './captured-walks.ts';

describe.each(['policies-legacy', 'policies-nft'])('%s', (folder) => {
  const ruleSet = capturedRuleSet(folder, 'n1');
  const { asked } = walksOf(ruleSet);
  const outer = (source: string) =>
    walkFlow([ruleSet], packetOf({ source, destination: '10.250.0.11', protocol: 4 }), delivered('eth0'), known);

  test('a walk names the rule that admits the packet, and the way through the chains', () => {
    expect(
      [asked(client.address, 6, 8080), asked('10.244.2.9', 6, 8080)].map(({ rule, markedBy }) => [
        rule?.tag,
        markedBy?.chain,
        markedBy?.index,
      ]),
    ).toEqual([
      ['S93hcgKJrXEqnTfs', 'cali-pi-_HZhhNjOOrRrky6WoPRo', 1],
      ['S93hcgKJrXEqnTfs', 'cali-pi-_HZhhNjOOrRrky6WoPRo', 3],
    ]);
    expect(asked(client.address, 1).path).toMatchObject([
      { chain: 'FORWARD', index: 1 },
      { chain: 'cali-FORWARD', index: 4 },
      { chain: 'cali-to-wl-dispatch', index: 2 },
    ]);
  });

  test('Calico accepts IPIP from its own nodes only', () => {
    expect(outer('10.250.0.12')).toMatchObject({
      decision: 'accept',
      owner: { kind: 'calico-static', name: 'cali-INPUT' },
      uncertainties: [],
    });
    expect(outer('10.250.0.99')).toMatchObject({
      decision: 'drop',
      rule: { comments: ['cali:_wjq-Yrma8Ly1Svo', 'Drop IPIP packets from non-Calico hosts'] },
    });
  });

  test('a pod may not speak to its own node where that is configured', () => {
    const toNode = packetOf({
      source: mypod.address,
      destination: '10.250.0.11',
      protocol: 6,
      sourcePort: 40000,
      destinationPort: 10250,
      inInterface: mypod.interface,
    });
    expect(walkHook([ruleSet], toNode, 'INPUT')).toMatchObject({
      decision: 'drop',
      rule: { comments: [expect.any(String), 'Configured DefaultEndpointToHostAction'] },
    });
  });

  test('answers of an established connection pass', () => {
    const answer = packetOf({
      source: mypod.address,
      destination: client.address,
      protocol: 6,
      sourcePort: 8080,
      destinationPort: 40000,
      ctState: 'ESTABLISHED',
      inInterface: mypod.interface,
      outInterface: 'tunl0',
    });
    expect(walkHook([ruleSet], answer, 'FORWARD')).toMatchObject({
      decision: 'accept',
      owner: { kind: 'endpoint', name: mypod.interface },
    });
  });
});

describe.each(['profile-missing-rbac-legacy', 'profile-missing-rbac-nft', 'profile-missing-rbac-nftables'])(
  '%s',
  (folder) => {
    const ruleSets = [capturedRuleSet(folder, 'n1', true)];

    test('the ping ends at the stand-in of the missing profile', () => {
      const result = walkFlow(ruleSets, toMypod(client.address, 1), forwarded('tunl0', mypod.interface), known);
      expect(result).toMatchObject({
        decision: 'drop',
        owner: { kind: 'profile', name: 'kns.default', direction: 'ingress' },
        rule: { index: 2 },
        uncertainties: [],
      });
    });

    test('the same from a pod beside it ends at the same rule, its own chain first', () => {
      const beside = walkFlow(
        ruleSets,
        packetOf({ source: mypod.address, destination: client.address, protocol: 1 }),
        forwarded(mypod.interface, 'tunl0'),
        known,
      );
      expect(beside).toMatchObject({
        decision: 'drop',
        owner: { kind: 'profile', name: 'kns.default', direction: 'egress' },
      });
    });

    test('the dispatch chain drops packets to an unknown interface', () => {
      const result = walkHook(
        ruleSets,
        { ...toMypod(client.address, 1), inInterface: 'tunl0', outInterface: 'cali0000000000f' },
        'FORWARD',
      );
      expect(result).toMatchObject({ decision: 'drop', owner: { kind: 'dispatch', name: 'cali-to-wl-dispatch' } });
    });

    test('the node itself reaches its pod', () => {
      const result = walkHook(
        ruleSets,
        packetOf({ source: '10.250.0.11', destination: mypod.address, protocol: 1, outInterface: mypod.interface }),
        'OUTPUT',
      );
      expect(result.decision).toBe('accept');
    });
  },
);

test.each(['healthy-legacy', 'healthy-nft', 'healthy-nftables', 'healthy-kdd-nft', 'ipip-blocked-legacy'])(
  '%s lets the ping pass by the profile',
  (folder) => {
    const result = walkFlow(
      [capturedRuleSet(folder, 'n1')],
      toMypod(client.address, 1),
      forwarded('tunl0', mypod.interface),
      known,
    );
    expect(result).toMatchObject({
      decision: 'accept',
      owner: { kind: 'profile', name: 'kns.default' },
      uncertainties: [],
    });
  },
);

test('foreign-forward-drop-nft: a rule of the host firewall ends the packet, by its interface of entry alone', () => {
  const ruleSets = [capturedRuleSet('foreign-forward-drop-nft', 'n1')];
  const ping = toMypod(client.address, 1);
  expect(walkFlow(ruleSets, ping, forwarded('tunl0', mypod.interface), known)).toMatchObject({
    decision: 'drop',
    owner: { kind: 'foreign', name: 'FORWARD' },
    rule: { comments: ['host firewall'] },
  });
  expect(walkFlow(ruleSets, ping, forwarded('cali0000000000f', mypod.interface), known).rule?.comments).not.toEqual([
    'host firewall',
  ]);
});

test('k8s-deny-ingress-legacy: the walk names the policy that admits nobody', () => {
  const result = walkFlow(
    [capturedRuleSet('k8s-deny-ingress-legacy', 'n1')],
    toMypod(client.address, 1),
    forwarded('tunl0', mypod.interface),
    known,
  );
  expect(result).toMatchObject({
    decision: 'drop',
    owner: { kind: 'tier-default', policies: [{ name: 'deny-all-ingress', namespace: 'default' }] },
  });
});

test('healthy-vxlan-legacy: Calico accepts VXLAN from its own nodes only', () => {
  const ruleSet = capturedRuleSet('healthy-vxlan-legacy', 'n1');
  const outer = (source: string) =>
    walkFlow(
      [ruleSet],
      packetOf({ source, destination: '10.250.0.11', protocol: 17, sourcePort: 50000, destinationPort: 4789 }),
      delivered('eth0'),
      known,
    );
  expect(outer('10.250.0.12')).toMatchObject({ decision: 'accept', owner: { kind: 'calico-static' } });
  expect(outer('10.250.0.99').decision).toBe('drop');
});

test('calico-node-forbidden-new-pod-kdd-nft: Felix knows nothing of the new pod, the old one goes on', () => {
  const ruleSets = [capturedRuleSet('calico-node-forbidden-new-pod-kdd-nft', 'n1')];
  const newPod = packetOf({ source: client.address, destination: '10.244.1.6', protocol: 1 });
  expect(walkFlow(ruleSets, newPod, forwarded('tunl0', 'caliee58aa3412c'), known)).toMatchObject({
    decision: 'drop',
    owner: { kind: 'dispatch', name: 'cali-to-wl-dispatch' },
  });
  const answer = packetOf({
    source: '10.244.1.6',
    destination: '10.250.0.11',
    protocol: 1,
    icmpType: 0,
    ctState: 'ESTABLISHED',
  });
  expect(walkFlow(ruleSets, answer, delivered('caliee58aa3412c'), known)).toMatchObject({
    decision: 'drop',
    owner: { kind: 'dispatch', name: 'cali-from-wl-dispatch' },
  });
  expect(walkFlow(ruleSets, toMypod(client.address, 1), forwarded('tunl0', mypod.interface), known).decision).toBe(
    'accept',
  );
});
