import { describe, expect, test } from '@jest/globals';
import type { CalicoPolicy, Tier } from '../../src/model/calico.ts';
import { decide } from '../../src/policy/decide.ts';
import { asked, policy, tier, decision, inOtherNamespace } from './asked.ts';

describe('policies', () => {
  const allow = { action: 'Allow' };
  const deny = { action: 'Deny' };
  test.each<[string, readonly CalicoPolicy[], readonly Tier[], string, string, readonly string[]]>([
    [
      'one that selects and allows nothing',
      [policy('deny-web', { selector: "app == 'web'" })],
      [],
      'deny',
      'the policies of tier default that select the endpoint (default/deny-web) do not allow it',
      ['default/deny-web'],
    ],
    [
      'a Kubernetes policy goes by its own name',
      [policy('knp.default.deny-web', {})],
      [],
      'deny',
      'the policies of tier default that select the endpoint (default/deny-web) do not allow it',
      ['default/deny-web'],
    ],
    [
      'its own rule',
      [policy('p', { ingress: [{ action: 'Log' }, deny, allow] })],
      [],
      'deny',
      'rule 2 of policy default/p denies it',
      ['default/p'],
    ],
    [
      'lower order first',
      [policy('a', { order: 20, ingress: [deny] }), policy('b', { order: 10, ingress: [allow] })],
      [],
      'allow',
      'rule 1 of policy default/b allows it',
      ['default/b'],
    ],
    [
      'without an order: last',
      [policy('a', { ingress: [deny] }), policy('b', { order: 1e9, ingress: [allow] })],
      [],
      'allow',
      'rule 1 of policy default/b allows it',
      ['default/b'],
    ],
    [
      'of one order: by name',
      [policy('b', { ingress: [deny] }), policy('a', { ingress: [allow] })],
      [],
      'allow',
      'rule 1 of policy default/a allows it',
      ['default/a'],
    ],
    [
      'of one order, global and not: by version',
      [policy('b', { ingress: [deny] }), policy('a', { ingress: [allow] }, null)],
      [],
      'allow',
      'rule 1 of policy a allows it',
      ['a'],
    ],
    [
      'no rule matches: the next policy',
      [policy('a', { ingress: [{ ...deny, protocol: 'UDP' }] }), policy('b', { ingress: [allow] })],
      [],
      'allow',
      'rule 1 of policy default/b allows it',
      ['default/b'],
    ],
    [
      'both types where none is said',
      [policy('a', { types: [] })],
      [],
      'deny',
      'the policies of tier default that select the endpoint (default/a) do not allow it',
      ['default/a'],
    ],
    [
      'a pass in the last tier leads to the profiles',
      [policy('a', { ingress: [{ action: 'Pass' }] }), policy('b', { ingress: [deny] })],
      [],
      'allow',
      'rule 1 of profile kns.default allows it',
      [],
    ],
    [
      'tiers by order',
      [policy('first.a', { tier: 'first', ingress: [allow] }), policy('b', { ingress: [deny] })],
      [tier('default', 1e6), tier('first', 100)],
      'allow',
      'rule 1 of policy default/first.a allows it',
      ['default/first.a'],
    ],
    [
      'a tier without an order: last',
      [policy('x.a', { tier: 'x', ingress: [deny] }), policy('b', { ingress: [allow] })],
      [tier('x', null), tier('default', 1e6)],
      'allow',
      'rule 1 of policy default/b allows it',
      ['default/b'],
    ],
    [
      'the end of a tier',
      [
        policy('first.a', { tier: 'first', ingress: [{ ...allow, protocol: 'UDP' }] }),
        policy('b', { ingress: [allow] }),
      ],
      [tier('first', 100, 'Deny'), tier('default', 1e6)],
      'deny',
      'the policies of tier first that select the endpoint (default/first.a) do not allow it',
      ['default/first.a'],
    ],
    [
      'the end of a tier that passes',
      [policy('first.a', { tier: 'first' }), policy('b', { ingress: [allow] })],
      [tier('first', 100, 'Pass'), tier('default', 1e6)],
      'allow',
      'rule 1 of policy default/b allows it',
      ['default/b'],
    ],
    [
      'a pass leads to the next tier',
      [policy('first.a', { tier: 'first', ingress: [{ action: 'Pass' }, deny] }), policy('b', { ingress: [deny] })],
      [tier('first', 100), tier('default', 1e6)],
      'deny',
      'rule 1 of policy default/b denies it',
      ['default/b'],
    ],
    [
      'next-tier, as it was called once',
      [policy('first.a', { tier: 'first', ingress: [{ action: 'next-tier' }] })],
      [tier('first', 100), tier('default', 1e6)],
      'allow',
      'rule 1 of profile kns.default allows it',
      [],
    ],
    [
      'a tier whose policies select nobody here',
      [policy('first.a', { tier: 'first', selector: '!all()' })],
      [tier('first', 100), tier('default', 1e6)],
      'allow',
      'rule 1 of profile kns.default allows it',
      [],
    ],
    [
      'a tier that does not exist',
      [policy('gone.a', { tier: 'gone', ingress: [allow] })],
      [tier('default', 1e6)],
      'unknown',
      'policy default/gone.a is of the tier gone, which does not exist',
      [],
    ],
    [
      'an action that is not known',
      [policy('a', { ingress: [{ action: 'Shrug' }] })],
      [],
      'unknown',
      'rule 1 of policy default/a has the action Shrug, which is not understood here',
      [],
    ],
    [
      'a selector that is none',
      [policy('a', { selector: 'app = web' })],
      [],
      'unknown',
      'whether policy default/a applies to the endpoint is not known: "app = web" is not a selector',
      [],
    ],
  ])('%s', (_, policies, tiers, expected, by, named) => {
    expect(decide({ ...asked, policies, tiers })).toEqual({ decision: expected, by, policies: named });
  });

  test.each<[string, CalicoPolicy['spec'], string | null, boolean]>([
    ['selects all without a selector', {}, null, true],
    ["by the namespace's labels", { namespaceSelector: "projectcalico.org/name == 'default'" }, null, true],
    ["by another namespace's", { namespaceSelector: "projectcalico.org/name == 'shop'" }, null, false],
    ['in any namespace', { namespaceSelector: 'all()' }, null, true],
    ['by its account', { serviceAccountSelector: "projectcalico.org/name == 'default'" }, 'default', true],
    ['by another account', { serviceAccountSelector: "projectcalico.org/name == 'other'" }, 'default', false],
    ['by both', { selector: "app == 'web'", serviceAccountSelector: 'all()' }, null, true],
    ['the namespace binds, whatever || is in the selector', { selector: "app == 'x' || app == 'web'" }, 'shop', false],
  ])('a policy %s', (_, spec, namespace, selected) => {
    expect(decision({ policies: [policy('p', spec, namespace)] })).toBe(selected ? 'deny' : 'allow');
  });

  test('two policies of one order are undecided if versions of Calico sort them differently', () => {
    const policies = [
      policy('a', { ingress: [{ action: 'Deny' }] }, null),
      policy('b', { ingress: [{ action: 'Allow' }], selector: 'all()' }, 'default'),
    ];
    // `default.a` goes before `default/default.b`: both ways the global one is first.
    expect(decision({ policies })).toBe('deny');
    const apart = [
      policy('m', { ingress: [{ action: 'Deny' }] }, null),
      policy('z', { ingress: [{ action: 'Allow' }] }, 'aaa'),
    ];
    expect(decide({ ...asked, labels: inOtherNamespace, policies: apart })).toMatchObject({
      decision: 'unknown',
      by: expect.stringContaining('depends on the version'),
    });
  });
});
