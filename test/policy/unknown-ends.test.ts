import { describe, expect, test } from '@jest/globals';
import type { CalicoRule } from '../../src/model/calico.ts';
import { labelled, client, shop, stranger, policy, tier, decision, from, to, rule } from './asked.ts';

describe('whose namespace', () => {
  const fromShop = { source: { members: [shop] } };
  test('a selector in a namespace means that namespace', () => {
    expect(from({ selector: "app == 'api'" }, fromShop)).toBe('deny');
    expect(from({ selector: "app == 'api'", namespaceSelector: "team == 'shop'" }, fromShop)).toBe('allow');
    expect(from({ notSelector: "app == 'x'" }, fromShop)).toBe('deny');
    expect(from({ serviceAccounts: { names: ['default'] } }, fromShop)).toBe('deny');
  });
  test('one that chooses nobody does not', () => {
    expect(from({ nets: ['10.244.0.0/16'] }, fromShop)).toBe('allow');
  });
  test('a global policy means all', () => {
    expect(from({ selector: "app == 'api'" }, fromShop, null)).toBe('allow');
    expect(from({ notSelector: "app == 'x'" }, fromShop, null)).toBe('allow');
  });
});

describe('an end that is no endpoint', () => {
  test('no selector chooses it; what excludes does not exclude it', () => {
    expect(from({ selector: 'all()' }, { source: { members: [] } })).toBe('deny');
    expect(from({ notSelector: 'all()' }, { source: { members: [] } }, null)).toBe('allow');
    expect(from({ nets: ['10.244.2.7/32'] }, { source: { members: [] } })).toBe('allow');
  });
  test('a network set that holds it is as good as an endpoint', () => {
    const set = labelled({ role: 'trusted' });
    expect(from({ selector: "role == 'trusted'" }, { source: { members: [client, set] } }, null)).toBe('allow');
    expect(from({ notSelector: "role == 'trusted'" }, { source: { members: [client, set] } }, null)).toBe('deny');
    // Chosen and not excluded must be one and the same.
    expect(
      from({ selector: 'all()', notSelector: "role == 'trusted'" }, { source: { members: [client, set] } }, null),
    ).toBe('allow');
    expect(
      from(
        { selector: "role == 'trusted'", notSelector: "app == 'client'" },
        { source: { members: [client, set] } },
        null,
      ),
    ).toBe('allow');
  });
  test('with labels that nobody read it is not known, but for what only pods have', () => {
    expect(from({ selector: "role == 'trusted'" }, { source: { members: [stranger] } })).toBe('unknown');
    expect(from({ selector: "app == 'client'" }, { source: { members: [stranger, client] } })).toBe('allow');
    expect(
      from(
        { selector: "projectcalico.org/orchestrator == 'k8s' && app == 'x'", namespaceSelector: 'all()' },
        { source: { members: [stranger] } },
      ),
    ).toBe('deny');
    expect(to({ ports: ['http'] }, { destination: { members: [stranger] } })).toBe('unknown');
  });
});

describe('an unknown matters only if it decides', () => {
  const open = { services: { name: 's' } };
  test.each<[string, readonly CalicoRule[], string]>([
    ['before the same end', [rule('Allow', open), rule('Allow')], 'allow'],
    ['before the same denial', [rule('Deny', open)], 'deny'],
    ['before another end', [rule('Deny', open), rule('Allow')], 'unknown'],
    ['before the end of the tier', [rule('Allow', open)], 'unknown'],
    ['after the end', [rule('Deny'), rule('Allow', open)], 'deny'],
    ['a log', [rule('Log', open), rule('Allow')], 'allow'],
    ['a pass to a profile that allows as well', [rule('Pass', open), rule('Allow')], 'allow'],
    ['a pass to a profile, before a denial', [rule('Pass', open), rule('Deny')], 'unknown'],
  ])('%s', (_, ingress, expected) => {
    expect(decision({ policies: [policy('p', { ingress })] })).toBe(expected);
  });
  test('many tiers and undecidable rules cost little', () => {
    const tiers = Array.from({ length: 40 }, (_, at) => tier(`t${at}`, at));
    const policies = tiers.map(({ metadata }) =>
      policy(`${metadata.name}.p`, {
        tier: metadata.name,
        ingress: Array.from({ length: 20 }, () => rule('Pass', open)),
      }),
    );
    expect(decision({ tiers, policies })).toBe('unknown');
    expect(
      decision({
        tiers,
        policies: policies.map((one) => ({
          ...one,
          spec: { ...one.spec, ingress: [...(one.spec.ingress ?? []), rule('Pass')] },
        })),
      }),
    ).toBe('allow');
  });
});

test('a policy of ten thousands of rules is followed to its end, even if none of them is certain', () => {
  const miss: CalicoRule = { action: 'Deny', protocol: 'UDP' };
  const doubtful: CalicoRule = { action: 'Allow', source: { selector: "app == 'x'" } };
  const change = { tiers: [tier('default', null)], source: { members: [stranger] } };
  const rules = (ingress: readonly CalicoRule[]) => ({
    ...change,
    policies: [policy('x', { selector: 'all()', ingress })],
  });
  expect(decision(rules([...many(miss), { action: 'Allow' }]))).toBe('allow');
  expect(decision(rules([...many(doubtful), { action: 'Allow' }]))).toBe('allow');
  expect(decision(rules([...many(doubtful), { action: 'Deny' }]))).toBe('unknown');
});

function many(rule: CalicoRule): readonly CalicoRule[] {
  return Array.from({ length: 20_000 }, () => rule);
}
