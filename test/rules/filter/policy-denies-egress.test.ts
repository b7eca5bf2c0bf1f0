import { beforeAll, expect, test } from '@jest/globals';
import { policyDeniesEgress as rule } from '../../../src/rules/filter/policy-denies-egress.ts';
import { policyDeniesIngress } from '../../../src/rules/filter/policy-denies-ingress.ts';
import { blind, captured, changed, droppedBy, failing, judged, leg, undecided, valueOf, withWalk, type Facts } from '../../support/facts.ts';

const policy = (name: string) => ({ kind: null, name, namespace: 'default', tier: 'default' });

let healthy: Facts;
beforeAll(async () => {
  healthy = failing(await captured('healthy-nft'));
});

test('fails for the source\'s policy on the source\'s node', async () => {
  const walk = droppedBy(leg(healthy, 'source-egress'), { kind: 'policy', name: 'no-way-out', namespace: 'default', direction: 'egress' });
  expect(await judged(rule, withWalk(healthy, walk))).toEqual(['denies Policy default/no-way-out @n2 inferred stops']);
  expect(await judged(policyDeniesIngress, withWalk(healthy, walk))).toBe('pass');
});

test('fails for all policies of the tier that ends without an allow', async () => {
  const walk = droppedBy(leg(healthy, 'source-egress'), { kind: 'tier-default', name: 'cali1', direction: 'egress', tier: 'default', policies: [policy('a'), policy('b')] });
  expect(await judged(rule, withWalk(healthy, walk))).toEqual(['selects Policy default/a @n2 inferred stops']);
});

test('passes where nothing denies', async () => {
  expect(await judged(rule, healthy)).toBe('pass');
});

test('a blind source node is no pass, unless the flow works', async () => {
  const walks = valueOf(healthy, 'walks').filter(({ node }) => node === 'n1');
  expect(await judged(rule, changed(healthy, { walks }))).toBe('inconclusive');
  expect(await judged(rule, changed(await captured('healthy-nft'), { walks }))).toBe('pass');
});

test('an open end on the source\'s node is no pass', async () => {
  expect(await judged(rule, withWalk(healthy, undecided(leg(healthy, 'source-egress'))))).toBe('inconclusive');
  expect(await judged(rule, blind(healthy, ['walks']))).toBe('inconclusive');
});

test('does not apply without a flow', async () => {
  expect(await judged(rule, blind(healthy, ['flow'], 'not-applicable'))).toBe('not-applicable');
});
