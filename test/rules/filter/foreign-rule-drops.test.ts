import { beforeAll, describe, expect, test } from '@jest/globals';
import { foreignRuleDrops as rule } from '../../../src/rules/filter/foreign-rule-drops.ts';
import { allLegs } from '../../../src/rules/lib/denials.ts';
import { blind, captured, droppedBy, failing, judged, leg, undecided, valueOf, withWalk, changed, type Facts } from '../../support/facts.ts';

let healthy: Facts;
beforeAll(async () => {
  healthy = failing(await captured('healthy-legacy'));
});

test('fails: a drop before Calico\'s chains in FORWARD, as captured', async () => {
  expect(await judged(rule, await captured('foreign-forward-drop-nft'))).toEqual(['drops Rule filter FORWARD 1 @n1 inferred stops']);
});

describe('fails at any hook, inner or outer', () => {
  test.each(['source-outer', 'target-outer', 'reply-target-egress', 'reply-source-ingress'] as const)('%s', async (where) => {
    const walk = droppedBy(leg(healthy, where), { kind: 'foreign', name: 'OUTPUT', direction: null }, { chain: 'OUTPUT', index: 2 });
    expect(await judged(rule, withWalk(healthy, walk))).toEqual([`drops Rule filter OUTPUT 2 @${walk.node} inferred stops`]);
  });
  test('the policy of a chain', async () => {
    const walk = droppedBy(leg(healthy, 'target-outer'), { kind: 'foreign', name: 'INPUT', direction: null }, { chain: 'INPUT', index: 0 });
    expect(await judged(rule, withWalk(healthy, walk))).toEqual(['drops Rule filter INPUT 0 @n1 inferred stops']);
  });
  test('a native nft chain', async () => {
    const walk = droppedBy(leg(healthy, 'target-ingress'), { kind: 'foreign', name: 'forward', direction: null }, { backend: 'nftables', family: 'inet', table: 'firewalld', chain: 'filter_FORWARD', index: 7 });
    expect(await judged(rule, withWalk(healthy, walk))).toEqual(['drops Rule firewalld filter_FORWARD 7 @n1 inferred stops']);
  });
  test('one rule that ends the packet and its answer is one finding', async () => {
    const chain = { chain: 'FORWARD', index: 1 };
    const owner = { kind: 'foreign' as const, name: 'FORWARD', direction: null };
    const both = withWalk(withWalk(healthy, droppedBy(leg(healthy, 'target-ingress'), owner, chain)), droppedBy(leg(healthy, 'reply-target-egress'), owner, chain));
    expect(await judged(rule, both)).toEqual(['drops Rule filter FORWARD 1 @n1 inferred stops']);
  });
});

test('passes: nothing drops, or something of Calico\'s does', async () => {
  expect(await judged(rule, healthy)).toBe('pass');
  expect(await judged(rule, await captured('profile-missing-rbac-nftables'))).toBe('pass');
});

test.each(allLegs.filter((one) => one !== 'same-node'))('an open end of %s is no pass', async (where) => {
  expect(await judged(rule, withWalk(healthy, undecided(leg(healthy, where))))).toBe('inconclusive');
});

test('what could not be walked is no pass', async () => {
  expect(await judged(rule, changed(healthy, { walks: valueOf(healthy, 'walks').filter(({ node }) => node === 'n1') }))).toBe('inconclusive');
  expect(await judged(rule, blind(healthy, ['walks']))).toBe('inconclusive');
});

test('a part of the packet filter that no walk reads is no pass, where the flow does not work', async () => {
  const walk = leg(healthy, 'target-outer');
  const unwalked = withWalk(healthy, { ...walk, result: { ...walk.result, uncertainties: [{ rule: 'bridge b f', why: 'chains of the bridge family at forward are not walked', unwalked: true }] } });
  expect(await judged(rule, unwalked)).toBe('inconclusive');
  expect(await judged(rule, changed(unwalked, { reachability: valueOf(await captured('healthy-legacy'), 'reachability') }))).toBe('pass');
});

test('does not apply without a flow', async () => {
  expect(await judged(rule, blind(healthy, ['flow'], 'not-applicable'))).toBe('not-applicable');
});
