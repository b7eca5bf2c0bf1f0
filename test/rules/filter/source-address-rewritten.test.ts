import { beforeAll, describe, expect, test } from '@jest/globals';
import type { RewrittenSource } from '../../../src/model/flow-walk.ts';
import type { Owner } from '../../../src/model/ruleset/owner.ts';
import { findingsOf } from '../../../src/jobs/evaluate.ts';
import { explain } from '../../../src/jobs/explain.ts';
import { policyDeniesIngress } from '../../../src/rules/filter/policy-denies-ingress.ts';
import { sourceAddressRewritten as rule } from '../../../src/rules/filter/source-address-rewritten.ts';
import { blind, captured, changed, droppedBy, evaluated, failing, judged, leg, valueOf, withWalk, type Facts } from '../../support/facts.ts';

const masqueraded: RewrittenSource = { asked: '10.244.2.7', now: '10.244.2.0', by: 'nat POSTROUTING: -A POSTROUTING -j MASQUERADE', decisionAsAsked: 'accept' };
const tierEnd = { kind: 'tier-default', name: 'default', tier: 'default', policies: [{ kind: null, name: 'from-client', namespace: 'default', tier: 'default' }] } as const;
let healthy: Facts;
beforeAll(async () => {
  healthy = failing(await captured('healthy-legacy'));
});
const arriving = (rewritten: RewrittenSource | null, owner: (Partial<Owner> & Pick<Owner, 'kind' | 'name'>) | null) => {
  const ingress = { ...leg(healthy, 'target-ingress'), rewritten };
  return withWalk(healthy, owner ? { ...droppedBy(ingress, owner), rewritten } : ingress);
};

describe('fails', () => {
  const found = `refused Rule ${masqueraded.by} @n2 inferred stops`;
  test('no policy of the tier admits the new address, and one admits the asked one', async () => {
    expect(await judged(rule, arriving(masqueraded, tierEnd))).toEqual([found]);
  });
  test('a policy denies the new address; by what rule it was given may not be known', async () => {
    expect(await judged(rule, arriving(masqueraded, { kind: 'policy', name: 'no-nodes' }))).toEqual([found]);
    expect(await judged(rule, arriving({ ...masqueraded, by: null }, tierEnd))).toEqual(['refused Rule source of 10.244.2.7 @n2 inferred stops']);
  });
  test('and explains the denial of the policy', async () => {
    const facts = arriving(masqueraded, tierEnd);
    const findings = await Promise.all([policyDeniesIngress, rule].map(async (one) => findingsOf(await evaluated(one, facts)).map((finding) => ({ rule: one, finding }))));
    expect(explain(findings.flat()).map(({ rule: { id }, cause }) => [id, cause?.rule.id ?? null])).toEqual([['policy-denies-ingress', rule.id], [rule.id, null]]);
  });
});

test('passes: kept, or rewritten and not refused for that', async () => {
  expect(await judged(rule, healthy)).toBe('pass');
  expect(await judged(rule, arriving(null, tierEnd))).toBe('pass');
  expect(await judged(rule, arriving(masqueraded, null))).toBe('pass');
  expect(await judged(rule, arriving({ ...masqueraded, decisionAsAsked: 'drop' }, tierEnd))).toBe('pass');
  expect(await judged(rule, arriving({ ...masqueraded, decisionAsAsked: 'unknown' }, tierEnd))).toBe('pass');
  expect(await judged(rule, arriving(masqueraded, { kind: 'foreign', name: 'FORWARD', direction: null }))).toBe('pass');
});

test('a source\'s node that could not be walked is no pass', async () => {
  expect(await judged(rule, changed(healthy, { walks: valueOf(healthy, 'walks').filter(({ node }) => node === 'n1') }))).toBe('inconclusive');
  expect(await judged(rule, blind(healthy, ['walks']))).toBe('inconclusive');
});

test('does not apply within one node, from outside, or to what never leaves the source\'s node', async () => {
  const flow = valueOf(healthy, 'flow');
  expect(await judged(rule, changed(healthy, { flow: { ...flow, source: { ...flow.source, node: 'n1' } } }))).toBe('not-applicable');
  expect(await judged(rule, changed(healthy, { flow: { ...flow, source: { ...flow.source, node: null } } }))).toBe('not-applicable');
  expect(await judged(rule, withWalk(healthy, droppedBy(leg(healthy, 'source-egress'), { kind: 'foreign', name: 'FORWARD' })))).toBe('not-applicable');
});
