import { describe, expect, test } from '@jest/globals';
import type { CalicoPolicy, CalicoRule, EndpointPort, EntityRule, Tier } from '../../src/model/calico.ts';
import type { Packet } from '../../src/model/ruleset/packet.ts';
import { packetOf } from '../../src/ruleset/walk/packet.ts';
import { decide } from '../../src/policy/decide.ts';
import type { Labelled, PolicyQuestion } from '../../src/policy/question.ts';

const podLabels = (namespace: string, app: string, more: Readonly<Record<string, string>> = {}) => ({
  app,
  'projectcalico.org/namespace': namespace,
  'projectcalico.org/orchestrator': 'k8s',
  'projectcalico.org/serviceaccount': 'default',
  'pcns.projectcalico.org/name': namespace,
  'pcsa.projectcalico.org/name': 'default',
  ...more,
});
const labelled = (labels: Readonly<Record<string, string>>, ports: readonly EndpointPort[] | null = []): Labelled => ({
  labels: (label) => labels[label] ?? null,
  ports,
});
const web = labelled(podLabels('default', 'web'), [{ name: 'http', port: 8080, protocol: 'TCP' }]);
const client = labelled(podLabels('default', 'client'));
const shop = labelled(podLabels('shop', 'api', { 'pcns.team': 'shop' }));
const stranger: Labelled = {
  labels: (label) => (label === 'projectcalico.org/orchestrator' ? null : { unknown: 'nobody read it' }),
  ports: null,
};

const syn = packetOf({ source: '10.244.2.7', destination: '10.244.1.5', protocol: 6, destinationPort: 8080 });
const ping = packetOf({ source: '10.244.2.7', destination: '10.244.1.5', protocol: 1 });
const dns = packetOf({ source: '10.244.2.7', destination: '10.244.1.5', protocol: 17, destinationPort: 53 });

const kns = { name: 'kns.default', rules: { ingress: [{ action: 'Allow' }], egress: [{ action: 'Allow' }] } };
const ksa = { name: 'ksa.default.default', rules: { ingress: [], egress: [] } };
const asked: PolicyQuestion = {
  direction: 'ingress',
  packet: syn,
  labels: web.labels,
  profiles: [kns, ksa],
  source: { members: [client] },
  destination: { members: [web] },
  tiers: [],
  policies: [],
};

const policy = (name: string, spec: CalicoPolicy['spec'], namespace: string | null = 'default'): CalicoPolicy => ({
  kind: namespace ? 'NetworkPolicy' : 'GlobalNetworkPolicy',
  metadata: { name, ...(namespace ? { namespace } : {}) },
  spec: { types: ['Ingress'], ...spec },
});
const tier = (name: string, order: number | null, defaultAction?: string): Tier => ({
  metadata: { name },
  spec: { order, ...(defaultAction ? { defaultAction } : {}) },
});
const decision = (change: Partial<PolicyQuestion>) => decide({ ...asked, ...change }).decision;
/** One policy with one rule that allows, behind it the end of its tier: does the rule match? */
const matching = (
  rule: Partial<CalicoRule>,
  change: Partial<PolicyQuestion> = {},
  namespace: string | null = 'default',
) => decision({ policies: [policy('p', { ingress: [{ action: 'Allow', ...rule }] }, namespace)], ...change });
const from = (source: EntityRule, change: Partial<PolicyQuestion> = {}, namespace: string | null = 'default') =>
  matching({ source }, change, namespace);
const to = (destination: EntityRule, change: Partial<PolicyQuestion> = {}) => matching({ destination }, change);

const rule = (action: string, source: EntityRule = {}): CalicoRule => ({ action, source });
const inOtherNamespace = (label: string) => (label === 'projectcalico.org/namespace' ? 'aaa' : web.labels(label));

describe('profiles, where no policy applies', () => {
  test.each<[string, Partial<PolicyQuestion>, string, string]>([
    ['the first that allows', {}, 'allow', 'rule 1 of profile kns.default allows it'],
    ['none allows', { profiles: [ksa] }, 'deny', 'no policy applies and no profile allows it'],
    ['there are none', { profiles: [] }, 'deny', 'no policy applies and no profile allows it'],
    [
      'one that does not exist comes before one that allows',
      { profiles: [{ name: 'gone', rules: null }, kns] },
      'deny',
      'profile gone does not exist',
    ],
    [
      'one that does not exist comes after one that allows',
      { profiles: [kns, { name: 'gone', rules: null }] },
      'allow',
      'rule 1 of profile kns.default allows it',
    ],
    [
      'one that denies',
      { profiles: [{ name: 'no', rules: { ingress: [{ action: 'Log' }, { action: 'Deny' }], egress: [] } }, kns] },
      'deny',
      'rule 2 of profile no denies it',
    ],
    [
      'a pass, which no profile has',
      { profiles: [{ name: 'odd', rules: { ingress: [{ action: 'Pass' }], egress: [] } }, kns] },
      'unknown',
      'rule 1 of profile odd has the action Pass, which is not understood here',
    ],
    [
      "the other direction's rules",
      { direction: 'egress', profiles: [{ name: 'in', rules: { ingress: [{ action: 'Allow' }], egress: [] } }] },
      'deny',
      'no policy applies and no profile allows it',
    ],
    [
      'a policy for egress alone',
      { policies: [policy('out', { types: ['Egress'] })] },
      'allow',
      'rule 1 of profile kns.default allows it',
    ],
    [
      'a policy that selects others',
      { policies: [policy('db', { selector: "app == 'db'" })] },
      'allow',
      'rule 1 of profile kns.default allows it',
    ],
    [
      'a policy of another namespace',
      { policies: [policy('all', {}, 'shop')] },
      'allow',
      'rule 1 of profile kns.default allows it',
    ],
    [
      'policies for host endpoints',
      { policies: [policy('a', { doNotTrack: true }, null), policy('b', { preDNAT: true }, null)] },
      'allow',
      'rule 1 of profile kns.default allows it',
    ],
  ])('%s', (_, change, expected, by) => {
    expect(decide({ ...asked, ...change })).toMatchObject({ decision: expected, by });
  });
});

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

  test('two policies of one order that decide it otherwise: by name in newer versions, by namespace in older ones', () => {
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

describe('does a rule match', () => {
  test.each<[string, Partial<CalicoRule>, Packet, string]>([
    ['everything', {}, syn, 'allow'],
    ['its protocol', { protocol: 'TCP' }, syn, 'allow'],
    ['its protocol as a number', { protocol: 6 }, syn, 'allow'],
    ['its protocol as a number in text', { protocol: '6' }, syn, 'allow'],
    ['another protocol', { protocol: 'UDP' }, syn, 'deny'],
    ['a protocol that is not known', { protocol: 'FTP' }, syn, 'unknown'],
    ['not its protocol', { notProtocol: 'TCP' }, syn, 'deny'],
    ['not another protocol', { notProtocol: 'UDP' }, syn, 'allow'],
    ['IPv4', { ipVersion: 4 }, syn, 'allow'],
    ['IPv6', { ipVersion: 6 }, syn, 'deny'],
    ['echo requests', { protocol: 'ICMP', icmp: { type: 8 } }, ping, 'allow'],
    ['echo requests of another code', { protocol: 'ICMP', icmp: { type: 8, code: 1 } }, ping, 'deny'],
    ['echo replies', { protocol: 'ICMP', icmp: { type: 0 } }, ping, 'deny'],
    ['a type, of what is no ICMP', { icmp: { type: 8 } }, syn, 'deny'],
    ['not echo requests', { protocol: 'ICMP', notICMP: { type: 8 } }, ping, 'deny'],
    ['not echo replies', { protocol: 'ICMP', notICMP: { type: 0 } }, ping, 'allow'],
    ['not echo replies, without a protocol', { notICMP: { type: 0 } }, syn, 'unknown'],
    ['an unknown type', { protocol: 'ICMP', icmp: { type: 8 } }, { ...ping, icmpType: null }, 'unknown'],
    ['HTTP', { http: { methods: ['GET'] } }, syn, 'unknown'],
    ['HTTP of another protocol', { protocol: 'UDP', http: { methods: ['GET'] } }, syn, 'deny'],
    ['a field that nobody knows yet', { moon: 'full' } as Partial<CalicoRule>, syn, 'unknown'],
    [
      'a field that nobody knows yet, of another protocol',
      { protocol: 'UDP', moon: 'full' } as Partial<CalicoRule>,
      syn,
      'deny',
    ],
    ['metadata, which says nothing', { metadata: { annotations: { a: 'b' } } }, syn, 'allow'],
  ])('%s', (_, rule, packet, expected) => {
    expect(matching(rule, { packet })).toBe(expected);
  });

  test.each<[string, EntityRule, string]>([
    ['its net', { nets: ['10.9.0.0/16', '10.244.2.0/24'] }, 'allow'],
    ['its address', { nets: ['10.244.2.7'] }, 'allow'],
    ['another net', { nets: ['10.9.0.0/16'] }, 'deny'],
    ['nets of IPv6 alone', { nets: ['fd00::/8'] }, 'deny'],
    ['a net that is none', { nets: ['10.9.0.0/99'] }, 'unknown'],
    ['out of a net', { nets: ['10.244.2.0/24'], notNets: ['10.244.2.7/32'] }, 'deny'],
    ['out of another', { notNets: ['10.9.0.0/16'] }, 'allow'],
    ['out of nets of IPv6 alone: such a rule is not rendered', { notNets: ['fd00::/8'] }, 'deny'],
    ['out of everything', { notNets: ['0.0.0.0/0'] }, 'deny'],
    ['its labels', { selector: "app == 'client'" }, 'allow'],
    ['other labels', { selector: "app == 'web'" }, 'deny'],
    ['not its labels', { notSelector: "app == 'client'" }, 'deny'],
    ['not other labels', { notSelector: "app == 'web'" }, 'allow'],
    ['its labels, but not those', { selector: 'has(app)', notSelector: "app == 'client'" }, 'deny'],
    ['a selector that is none', { selector: 'app' }, 'unknown'],
    ['a selector that is none, negated', { notSelector: 'app' }, 'unknown'],
    ['its namespace', { namespaceSelector: "projectcalico.org/name == 'default'" }, 'allow'],
    ['any namespace', { namespaceSelector: 'all()' }, 'allow'],
    ['no namespace', { namespaceSelector: 'global()' }, 'deny'],
    ['another namespace', { namespaceSelector: "team == 'shop'" }, 'deny'],
    ['its account', { serviceAccounts: { names: ['other', 'default'] } }, 'allow'],
    ['another account', { serviceAccounts: { names: ['other'] } }, 'deny'],
    ['its account by labels', { serviceAccounts: { selector: "projectcalico.org/name == 'default'" } }, 'allow'],
    [
      'its account by both',
      { serviceAccounts: { names: ['default'], selector: "projectcalico.org/name == 'no'" } },
      'deny',
    ],
    ['a service', { services: { name: 'web', namespace: 'default' } }, 'unknown'],
    ['domains', { domains: ['example.org'] }, 'unknown'],
    ['domains from elsewhere', { nets: ['10.9.0.0/16'], domains: ['example.org'] }, 'deny'],
    ['a field that nobody knows yet', { moon: 'full' } as EntityRule, 'unknown'],
    ['empty lists, which say nothing', { nets: [], ports: [], selector: '' }, 'allow'],
    ['a port at the end that nobody knows', { ports: [4000] }, 'unknown'],
    ['every port', { ports: ['1:65535'] }, 'allow'],
  ])('from %s', (_, source, expected) => {
    expect(from(source)).toBe(expected);
  });

  test.each<[string, EntityRule, Packet, string]>([
    ['its port', { ports: [80, 8080] }, syn, 'allow'],
    ['its port in text', { ports: ['8080'] }, syn, 'allow'],
    ['a range', { ports: ['8000:8100'] }, syn, 'allow'],
    ['another range', { ports: ['1:1024'] }, syn, 'deny'],
    ['the name of its port', { ports: ['http'] }, syn, 'allow'],
    ['another name', { ports: ['metrics'] }, syn, 'deny'],
    ['the name of another port', { ports: ['http'] }, { ...syn, destinationPort: 81 }, 'deny'],
    ['the name of a TCP port', { ports: ['http'] }, { ...dns, destinationPort: 8080 }, 'deny'],
    ['a name and a number', { ports: [81, 'http'] }, syn, 'allow'],
    ['the name of a port that others have', { ports: ['http'], selector: "app == 'db'" }, syn, 'deny'],
    ['not its port', { notPorts: [8080] }, syn, 'deny'],
    ['not the name of its port', { notPorts: ['http'] }, syn, 'deny'],
    ['not other ports', { notPorts: [81, 'metrics'] }, syn, 'allow'],
    ['ports, of what has none', { ports: [8080] }, ping, 'deny'],
    ['a port that is not known', { ports: [8080] }, { ...syn, destinationPort: null }, 'unknown'],
  ])('to %s', (_, destination, packet, expected) => {
    expect(to(destination, { packet })).toBe(expected);
  });
  test("a named port goes by the rule's protocol", () => {
    expect(matching({ protocol: 'TCP', destination: { ports: ['http'] } })).toBe('allow');
    expect(matching({ protocol: 'UDP', destination: { ports: ['http'] } })).toBe('deny');
  });
});

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

describe('what is not known only matters where it decides', () => {
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
  test('many tiers and rules that nobody can decide are still decided at once', () => {
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

test('a policy of ten thousands of rules is followed to its end, also where none of them is certain', () => {
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
