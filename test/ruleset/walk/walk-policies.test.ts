/** The pings and connects of one captured cluster with policies, and what decides about them, in every backend. */
import { describe, expect, test } from '@jest/globals';
import { capturedRuleSet, client, mypod } from '../captured.ts';
import { walksOf } from './captured-walks.ts';

describe.each([
  ['policies-legacy', ''],
  ['policies-nft', ''],
  ['policies-nftables', 'filter-'],
])('%s', (folder, layer) => {
  const { asked, leaving } = walksOf(capturedRuleSet(folder, 'n1'));
  const guard = { kind: 'policy', name: 'security.web-guard', namespace: 'default', tier: 'security' };

  test.each([
    ['client', client.address],
    ['shop/api', '10.244.2.9'],
  ])('the policy accepts TCP 8080 from %s', (_, source) => {
    expect(asked(source, 6, 8080)).toMatchObject({
      decision: 'accept',
      owner: {
        kind: 'policy',
        name: 'web-from-client-and-shop-api',
        namespace: 'default',
        tier: 'default',
        direction: 'ingress',
        by: 'comment',
      },
      uncertainties: [],
      rule: { chain: `${layer}FORWARD`, index: 2 },
    });
  });

  test.each([
    ['ping from client', client.address, 1, null],
    ['TCP 8080 from shop/db', '10.244.1.9', 6, 8080],
    ['TCP 80 from client', client.address, 6, 80],
    ['UDP 8080 from client', client.address, 17, 8080],
  ])('the end of the tier in which the policy selects the pod drops %s', (_, source, protocol, port) => {
    expect(asked(source, protocol, port)).toMatchObject({
      decision: 'drop',
      owner: {
        kind: 'tier-default',
        name: 'default',
        tier: 'default',
        policies: [{ name: 'web-from-client-and-shop-api', namespace: 'default' }],
      },
      rule: { chain: `${layer}cali-tw-${mypod.interface}`, index: 11 },
      uncertainties: [],
    });
  });

  test.each([
    ['SSH', client.address, 22, 3],
    ['a port of the denied range', client.address, 2250, 3],
    ['a denied net', '10.244.2.201', 8080, 7],
  ])('the security tier denies %s', (_, source, port, index) => {
    expect(asked(source, 6, port)).toMatchObject({ decision: 'drop', owner: guard, rule: { index } });
  });

  test('the exception of the denied net goes on to the next tier', () => {
    expect(asked('10.244.2.200', 6, 8080).owner).toMatchObject({ kind: 'tier-default', name: 'default' });
  });

  test('a global policy denies egress to metadata and admits DNS; the profile decides the rest', () => {
    expect(leaving('169.254.169.254', 6, 80)).toMatchObject({
      decision: 'drop',
      owner: {
        kind: 'policy',
        name: 'security.no-egress-to-metadata',
        namespace: null,
        tier: 'security',
        direction: 'egress',
      },
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
});
