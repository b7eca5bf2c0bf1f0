import { beforeAll, describe, expect, test } from '@jest/globals';
import { policyDeniesEgress } from '../../../src/rules/filter/policy-denies-egress.ts';
import { policyDeniesIngress as rule } from '../../../src/rules/filter/policy-denies-ingress.ts';
import type { CounterBurst, ReasonRise } from '../../../src/model/drop-counters.ts';
import type { ExpectedDecision } from '../../../src/model/expected-decision.ts';
import { findingsOf } from '../../../src/engine/evaluate.ts';
import {
  blind,
  captured,
  changed,
  droppedBy,
  evaluated,
  failing,
  judged,
  leg,
  undecided,
  valueOf,
  withWalk,
  type Facts,
} from '../../support/facts.ts';
import { expects } from '../../support/expectations.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const words = async (facts: Facts) => findingsOf(await evaluated(rule, facts)).map(({ data }) => data['compared']);

const unpoliced = failing(await captured('healthy-nft'));
const decided = (decision: 'allow' | 'deny' | 'unknown') =>
  changed(withWalk(unpoliced, undecided(leg(unpoliced, 'target-ingress'))), {
    'datastore-decisions': [
      {
        leg: 'target-ingress',
        node: 'n1',
        direction: 'ingress',
        decision,
        by: 'policy default/web',
        policies: ['default/web'],
      },
    ],
  });

const byPolicy: ReasonRise = {
  node: 'n1',
  interface: 'cali4e199eba087',
  direction: 'ingress',
  reason: 'by policy',
  sent: 3,
  rise: 3,
  idle: 0,
};

testRule(rule, {
  lab: 'policy-deny',
  rows: [
    [
      'fails by the datastore where the packet filters do not tell',
      () => decided('deny'),
      ['byDatastore Policy default/web @n1 inferred stops'],
    ],
    [
      'proven, where an eBPF program that was not read counts the test packets',
      () => changed(decided('deny'), { 'drop-counters': { bursts: [], reasons: [byPolicy] } }),
      ['byDatastore Policy default/web @n1 counter stops'],
    ],
    [
      'not proven, where it counts others too',
      () => changed(decided('deny'), { 'drop-counters': { bursts: [], reasons: [{ ...byPolicy, idle: 2 }] } }),
      ['byDatastore Policy default/web @n1 inferred stops'],
    ],
    ['passes by the datastore where the packet filters do not tell', () => decided('allow'), 'pass'],
    ['inconclusive where neither tells', () => decided('unknown'), 'inconclusive'],
    ...(
      [
        ['k8s-deny-ingress-legacy', 'default/deny-all-ingress'],
        ['policy-denies-ingress-bpf', 'default/deny-web'],
        ['policies-bpf', 'default/web-from-client-and-shop-api'],
        ['policies-legacy', 'default/web-from-client-and-shop-api'],
        ['policies-nft', 'default/web-from-client-and-shop-api'],
      ] as const
    ).map(([name, policy]): RuleRow => [
      `fails: ${name}`,
      () => captured(name),
      [`selects Policy ${policy} @n1 inferred stops`],
    ]),
    [
      'fails: the policy is named, and so is what it admits',
      () => captured('policies-legacy', { from: { kind: 'pod', namespace: 'shop', name: 'api' } }),
      [
        {
          finding: 'selects Policy default/web-from-client-and-shop-api @n1 inferred stops',
          data: {
            policies: 'NetworkPolicy default/web-from-client-and-shop-api',
            flow: 'icmp from shop/api',
            arrives: 'arrives from 10.244.2.9',
            admits:
              "It allows only: pods with app == 'client' on 8080/tcp; pods with app == 'api' in namespaces with team == 'shop' on 8080/tcp. ",
          },
        },
      ],
    ],
    [
      'fails: a node, which arrives with its tunnel address',
      () => captured('k8s-deny-ingress-legacy', { from: { kind: 'node', name: 'n2' } }),
      [
        {
          finding: 'selects Policy default/deny-all-ingress @n1 inferred stops',
          data: {
            flow: 'icmp from node n2',
            arrives: 'arrives from 10.244.2.0, the tunnel address of n2',
            admits: 'It allows nothing. ',
            entry:
              '- from:   # a NetworkPolicy cannot name ICMP: this allows every protocol\n    - ipBlock: {cidr: 10.244.2.0/32}',
          },
        },
      ],
    ],
    [
      'fails: three policies of one tier, and one more',
      async () => {
        const healthy = failing(await captured('healthy-legacy'));
        const policies = ['a', 'b', 'c', 'd'].map((name) => ({ kind: null, name, namespace: null, tier: 'platform' }));
        return withWalk(
          healthy,
          droppedBy(leg(healthy, 'target-ingress'), {
            kind: 'tier-default',
            name: 'platform',
            tier: 'platform',
            policies,
          }),
        );
      },
      [
        {
          finding: 'selects Policy a @n1 inferred stops',
          data: {
            policies: 'Policies a, b, c and 1 more',
            edit: 'calicoctl get globalnetworkpolicy a -o yaml > policy.yaml   # to allow it, add at the top of spec.ingress, then calicoctl apply -f policy.yaml:',
          },
        },
      ],
    ],
    [
      "fails: a policy's own deny",
      async () => {
        const healthy = failing(await captured('healthy-legacy'));
        const walk = droppedBy(
          leg(healthy, 'target-ingress'),
          { kind: 'policy', name: 'deny-web', namespace: 'default', tier: 'default' },
          { chain: 'cali-pi-x' },
        );
        return withWalk(healthy, walk);
      },
      ['denies Policy default/deny-web @n1 inferred stops'],
    ],
    [
      'fails: a global policy goes by its own name',
      async () => {
        const healthy = failing(await captured('healthy-legacy'));
        const walk = droppedBy(leg(healthy, 'target-ingress'), { kind: 'policy', name: 'lockdown', tier: 'platform' });
        return withWalk(healthy, walk);
      },
      ['denies Policy lockdown @n1 inferred stops'],
    ],
    [
      'passes: the flow that the policy admits',
      () => captured('policies-legacy', { port: { protocol: 'tcp', number: 8080 } }),
      'pass',
    ],
    ['passes: a profile that drops is no policy', () => captured('profile-missing-rbac-legacy'), 'pass'],
  ],
});

test.each(['k8s-deny-ingress-legacy', 'policies-legacy', 'policies-nft'])(
  '%s: nothing denies on egress',
  async (name) => {
    expect(await judged(policyDeniesEgress, await captured(name))).toBe('pass');
  },
);
describe('the proof', () => {
  let denied: Facts;
  const burst = (change: Partial<CounterBurst>, proof: 'counter' | 'inferred' = 'counter'): CounterBurst => ({
    node: 'n1',
    leg: 'target-ingress',
    reached: 'yes',
    flow: 'asked',
    sent: 3,
    length: 647,
    proof: {
      proof,
      rule: leg(denied, 'target-ingress').result.rule,
      sent: { packets: 3, length: 647 },
      idle: { packets: 0, bytes: 0 },
      rise: { packets: 3, bytes: 1941 },
      walked: { packets: 3, bytes: 1941 },
      readings: { before: { packets: 7, bytes: 700 }, after: { packets: 10, bytes: 2641 } },
      failed: [],
    },
    ...change,
  });
  beforeAll(async () => {
    denied = await captured('k8s-deny-ingress-legacy');
  });
  test.each([
    ["the asked flow's own burst proves it", {}, 'counter', 'counter'],
    ['background traffic in the idle window: inferred', {}, 'inferred', 'inferred'],
    [
      "a burst from the pod's own node does not: policies differ by source",
      { flow: 'same-node' },
      'counter',
      'inferred',
    ],
    ['a burst on another node does not', { node: 'n2' }, 'counter', 'inferred'],
  ] as const)('%s', async (_, change, proof, expected) => {
    expect(await judged(rule, changed(denied, { 'drop-counters': { bursts: [burst(change, proof)] } }))).toEqual([
      `selects Policy default/deny-all-ingress @n1 ${expected} stops`,
    ]);
  });
  test('the evidence is the one rule, before and after', async () => {
    const facts = changed(denied, { 'drop-counters': { bursts: [burst({})] } });
    const [finding] = findingsOf(await evaluated(rule, facts));
    expect(finding?.evidence.map(({ excerpt }) => excerpt)).toEqual([
      `[7:700] → [10:2641] ${leg(denied, 'target-ingress').result.rule?.text}`,
    ]);
    const [unproven] = findingsOf(await evaluated(rule, changed(denied, { 'drop-counters': { bursts: [] } })));
    expect(unproven?.evidence[0]?.excerpt).toContain('← ends the packet');
  });
  test('a counter of another rule does not', async () => {
    const ending = leg(denied, 'target-ingress').result.rule;
    if (!ending) throw new Error('no ending rule');
    const other = burst({ proof: { ...burst({}).proof, rule: { ...ending, index: ending.index + 1 } } });
    expect(await judged(rule, changed(denied, { 'drop-counters': { bursts: [other] } }))).toEqual([
      'selects Policy default/deny-all-ingress @n1 inferred stops',
    ]);
  });
});
describe('beside what the datastore says', () => {
  const found = ['selects Policy default/deny-all-ingress @n1 inferred stops'];
  let denied: Facts;
  beforeAll(async () => {
    denied = await captured('k8s-deny-ingress-legacy');
  });
  test('the captured objects say the same as the captured rules', async () => {
    expect(await words(denied)).toEqual(['The datastore says the same.']);
    expect(await words(await captured('policies-legacy'))).toEqual(['The datastore says the same.']);
  });
  test('it denies the packet by another policy: that one is named', async () => {
    const facts = changed(denied, {
      'expected-decisions': [expects('deny', { by: 'rule 1 of policy x denies it', policies: ['x'] })],
    });
    expect(await words(facts)).toEqual([expect.stringContaining('rule 1 of policy x denies it')]);
  });
  test('it lets the packet through: no policy denies it, and no "pass" either', async () => {
    expect(await judged(rule, changed(denied, { 'expected-decisions': [expects('allow')] }))).toBe('not-applicable');
  });
  test.each<[string, Partial<ExpectedDecision>]>([
    ['of another leg', { leg: 'same-node' }],
    ['on another node', { node: 'n2' }],
    ['in the other direction', { direction: 'egress' }],
  ])('what it says %s is not this', async (_, change) => {
    const facts = changed(denied, { 'expected-decisions': [expects('allow', change)] });
    expect(await judged(rule, facts)).toEqual(found);
    expect(await words(facts)).toEqual(['The datastore was not compared.']);
  });
  test("nobody knows: the node's own rules are the word, and the detail says so", async () => {
    const facts = changed(denied, {
      'expected-decisions': [expects('unknown', { by: 'it matches by services' })],
    });
    expect(await judged(rule, facts)).toEqual(found);
    expect(await words(facts)).toEqual(['The datastore could not be compared: it matches by services.']);
  });
  test('it could not be asked: the same', async () => {
    const facts = blind(denied, ['expected-decisions'], 'datastore-unreachable');
    expect(await judged(rule, facts)).toEqual(found);
    expect(await words(facts)).toEqual(['The datastore was not compared: could not look (datastore-unreachable).']);
  });
});
describe('inconclusive', () => {
  let healthy: Facts;
  beforeAll(async () => {
    healthy = failing(await captured('healthy-legacy'));
  });
  test("the end on the pod's node is open", async () => {
    expect(await judged(rule, withWalk(healthy, undecided(leg(healthy, 'target-ingress'))))).toBe('inconclusive');
  });
  test("an open end elsewhere is not this rule's", async () => {
    expect(await judged(rule, withWalk(healthy, undecided(leg(healthy, 'source-egress'))))).toBe('pass');
  });
  test("the pod's leg was not walked at all", async () => {
    expect(await judged(rule, changed(healthy, { walks: [] }))).toBe('inconclusive');
  });
  test('dropped, but by which of two rules is not certain', async () => {
    const walk = droppedBy(leg(healthy, 'target-ingress'), { kind: 'policy', name: 'a' });
    const [end] = walk.result.ends;
    if (!end?.rule) throw new Error('no end');
    const two = {
      ...walk,
      result: {
        ...walk.result,
        ends: [end, { ...end, rule: { ...end.rule, index: 9 } }],
        uncertainties: [{ rule: '-A x', why: 'not known' }],
      },
    };
    expect(await judged(rule, withWalk(healthy, two))).toBe('inconclusive');
  });
  test('the rule sets could not be read', async () => {
    expect(await judged(rule, blind(healthy, ['walks'], 'ssh-refused'))).toBe('inconclusive');
  });
  test("a flow from outside needs no walk on a source's node", async () => {
    const flow = valueOf(healthy, 'flow');
    const outside = { ...flow.source, kind: 'outside' as const, node: null, nodeAddress: null, interface: null };
    const facts = changed(healthy, {
      flow: { ...flow, source: outside },
      walks: valueOf(healthy, 'walks').filter(({ node }) => node === 'n1'),
    });
    expect(await judged(rule, blind(facts, ['reachability'], 'not-supported'))).toBe('pass');
    expect(await judged(rule, blind(facts, ['flow'], 'not-applicable'))).toBe('not-applicable');
  });
});
