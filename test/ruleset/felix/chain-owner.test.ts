import { describe, expect, test } from '@jest/globals';
import type { PolicyName } from '../../../src/model/ruleset/owner.ts';
import { chainName, policyIds } from '../../../src/calico/chain-names.ts';
import { ownerOf } from '../../../src/ruleset/felix/chain-owner.ts';
import { readOwnerComment } from '../../../src/ruleset/felix/policy-comment.ts';
import { capturedRuleSet } from '../captured.ts';
import { filterTable } from '../rules-of.ts';

const table = (...lines: string[]) => {
  const [found] = filterTable(lines).tables;
  if (!found) throw new Error('no table');
  return found;
};
const chain = (name: string, ...rules: string[]) => [`:${name} - [0:0]`, ...rules.map((rule) => `-A ${name} ${rule}`)];
const policy = (
  name: string,
  namespace: string | null,
  kind: string | null = null,
  tier: string | null = null,
): PolicyName => ({ kind, name, namespace, tier });

describe('names of chains', () => {
  test.each([
    ['kns.default', 'cali-pri-kns.default'],
    ['kns.kube-system', 'cali-pri-kns.kube-system'],
    ['k8s_ns.default', 'cali-pri-k8s_ns.default'],
    ['kns.calico-apiserver', 'cali-pri-_kJqfZpgUe7r2t4A-14'],
    ['ksa.default.default', 'cali-pri-ksa.default.default'],
    ['ksa.kube-system.coredns', 'cali-pri-_u2Tn2rSoAPffvE7JO6'],
    ['projectcalico-default-allow', 'cali-pri-_TI1Jm4dJqQzYb0Rx3u'],
  ])('%s', (profile, name) => expect(chainName('cali-pri-', profile)).toBe(name));

  test('a Kubernetes policy in an etcd datastore', () => {
    expect(chainName('cali-pi-', 'np/default/knp.default.deny-all-ingress')).toBe('cali-pi-_6a4b2sZxLSiYiceAWjm');
    expect(policyIds(policy('deny-all-ingress', 'default', 'KubernetesNetworkPolicy'))).toContain(
      'np/default/knp.default.deny-all-ingress',
    );
  });
});

describe('comments', () => {
  test.each<[string, Partial<PolicyName>]>([
    [
      'NetworkPolicy default/security.web-guard ingress',
      { kind: 'NetworkPolicy', name: 'security.web-guard', namespace: 'default', tier: null },
    ],
    [
      'NetworkPolicy default/knp.default.web ingress',
      { kind: 'KubernetesNetworkPolicy', name: 'web', namespace: 'default', tier: 'default' },
    ],
    [
      'KubernetesNetworkPolicy shop/web egress',
      { kind: 'KubernetesNetworkPolicy', name: 'web', namespace: 'shop', tier: 'default' },
    ],
    [
      'Policy adminnetworkpolicy/kanp.adminnetworkpolicy.guard ingress',
      { kind: 'AdminNetworkPolicy', name: 'guard', namespace: null, tier: 'adminnetworkpolicy' },
    ],
    [
      'KubernetesClusterNetworkPolicy guard egress',
      { kind: 'KubernetesClusterNetworkPolicy', name: 'guard', namespace: null },
    ],
    ['GlobalNetworkPolicy security.no-egress egress', { name: 'security.no-egress', namespace: null }],
    ['Policy default/knp.default.web ingress', { name: 'web', namespace: 'default', tier: 'default' }],
    ['Policy shop/default.web ingress', { name: 'web', namespace: 'shop', tier: 'default' }],
    ['Policy default.deny-all ingress', { name: 'deny-all', namespace: null, tier: 'default' }],
    ['Policy security/default/security.web ingress', { name: 'security.web', namespace: 'default', tier: 'security' }],
    ['Policy security/security.web ingress', { name: 'security.web', namespace: null, tier: 'security' }],
  ])('%s', (comment, named) => expect(readOwnerComment(comment)?.policy).toMatchObject(named));

  test('a profile, and what is no owner', () => {
    expect(readOwnerComment('Profile ksa.a.b egress')).toEqual({
      profile: 'ksa.a.b',
      direction: 'egress',
      policy: null,
    });
    expect([
      readOwnerComment('Start of tier default'),
      readOwnerComment('Policy explicitly accepted packet.'),
      readOwnerComment('cali:wUHhoiAYhphO9Mso'),
    ]).toEqual([null, null, null]);
  });
});

describe('owners', () => {
  test('every chain of every capture has one, and none of Calico is foreign', () => {
    for (const folder of [
      'policies-legacy',
      'policies-nft',
      'healthy-nftables',
      'k8s-deny-ingress-legacy',
      'healthy-vxlan-legacy',
    ]) {
      for (const found of capturedRuleSet(folder, 'n1').tables.filter(({ family }) => family === 'ip')) {
        for (const { name } of found.chains) {
          const { kind, by } = ownerOf(found, name);
          expect({ name, foreign: kind === 'foreign' }).toEqual({ name, foreign: !/(?:^|-)cali-/.test(name) });
          expect({ name, by }).not.toEqual({ name, by: 'chain' });
        }
      }
    }
  });

  test('a policy group has its policies, and their tier', () => {
    const [filter] = capturedRuleSet('policies-nft', 'n1').tables.filter(({ name }) => name === 'filter');
    if (!filter) throw new Error('no table');
    expect(ownerOf(filter, 'cali-gi-pLQe_c-iXS7vUfVEXLaF')).toMatchObject({
      kind: 'policy-group',
      tier: 'security',
      policies: [
        { name: 'security.web-guard', namespace: 'default', tier: 'security' },
        { name: 'security.web-guard-second', namespace: 'default' },
      ],
    });
  });

  test('hashed chains without a comment are found among known names', () => {
    const found = table(
      ...chain('cali-pri-_u2Tn2rSoAPffvE7JO6', '-j DROP'),
      ...chain('cali-pi-_6a4b2sZxLSiYiceAWjm', '-j DROP'),
    );
    const names = {
      profiles: ['kns.default', 'ksa.kube-system.coredns'],
      policies: [policy('deny-all-ingress', 'default', 'KubernetesNetworkPolicy', 'default')],
    };
    expect(ownerOf(found, 'cali-pri-_u2Tn2rSoAPffvE7JO6', null, names)).toMatchObject({
      kind: 'profile',
      name: 'ksa.kube-system.coredns',
      by: 'known-name',
    });
    expect(ownerOf(found, 'cali-pi-_6a4b2sZxLSiYiceAWjm', null, names)).toMatchObject({
      kind: 'policy',
      name: 'deny-all-ingress',
      namespace: 'default',
      by: 'known-name',
    });
    expect(ownerOf(found, 'cali-pri-_u2Tn2rSoAPffvE7JO6')).toMatchObject({
      kind: 'profile',
      name: '_u2Tn2rSoAPffvE7JO6',
      by: 'chain',
    });
  });

  test('the era before tiers had names', () => {
    const found = table(
      ...chain(
        'cali-tw-cali0a1b2c3d4e5',
        '-m comment --comment "Start of policies" -j MARK --set-xmark 0x0/0x2000000',
        '-m mark --mark 0x0/0x2000000 -j cali-pi-default.x',
        '-m comment --comment "Drop if no policies passed packet" -m mark --mark 0x0/0x2000000 -j DROP',
        '-j cali-pri-k8s_ns.default',
      ),
      ...chain('cali-pi-default.x'),
      ...chain('cali-pri-k8s_ns.default', '-j DROP'),
    );
    const end = found.chains.find(({ name }) => name === 'cali-tw-cali0a1b2c3d4e5')?.rules[2] ?? null;
    expect(ownerOf(found, 'cali-tw-cali0a1b2c3d4e5', end)).toMatchObject({
      kind: 'tier-default',
      name: 'default',
      policies: [{ name: 'x', namespace: null }],
    });
    expect(ownerOf(found, 'cali-pri-k8s_ns.default')).toMatchObject({
      kind: 'profile',
      name: 'k8s_ns.default',
      direction: 'ingress',
    });
  });

  test('an endpoint of a hashed name is told by its dispatch', () => {
    const name = chainName('cali-tw-', 'very-long-interface-name');
    const found = table(...chain('cali-to-wl-dispatch', `-o very-long-interface-name -g ${name}`), ...chain(name));
    expect(ownerOf(found, name)).toMatchObject({
      kind: 'endpoint',
      name: 'very-long-interface-name',
      direction: 'ingress',
    });
  });

  test.each([
    ['cali-th-eth0', 'host-endpoint', 'eth0'],
    ['cali-fhfw-any-interface-at-all', 'host-endpoint', 'any-interface-at-all'],
    ['cali-to-wl-dispatch-4', 'dispatch', 'cali-to-wl-dispatch-4'],
    ['cali-INPUT', 'calico-static', 'cali-INPUT'],
    ['cali-from-host-endpoint', 'calico-static', 'cali-from-host-endpoint'],
    ['KUBE-FORWARD', 'foreign', 'KUBE-FORWARD'],
    ['FORWARD', 'foreign', 'FORWARD'],
  ])('%s', (name, kind, owner) =>
    expect(ownerOf(table(...(name === 'FORWARD' ? [] : chain(name))), name)).toMatchObject({ kind, name: owner }),
  );
});
