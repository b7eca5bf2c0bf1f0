import { describe, expect, test } from '@jest/globals';
import type { FelixState } from '../../../src/model/control-plane.ts';
import { findingsOf } from '../../../src/engine/evaluate.ts';
import { judge } from '../../../src/engine/verdict.ts';
import { calicoNodeForbidden } from '../../../src/rules/felix/calico-node-forbidden.ts';
import { felixNotRunning } from '../../../src/rules/felix/felix-not-running.ts';
import { felixRulesStale as rule } from '../../../src/rules/felix/felix-rules-stale.ts';
import { podProfileDenies } from '../../../src/rules/filter/pod-profile-denies.ts';
import { podProfileMissing } from '../../../src/rules/endpoint/pod-profile-missing.ts';
import { policyDeniesEgress } from '../../../src/rules/filter/policy-denies-egress.ts';
import { policyDeniesIngress } from '../../../src/rules/filter/policy-denies-ingress.ts';
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

const live: FelixState = { processes: ['7 calico-felix'], liveness: 200, readiness: 200 };
const failingLiveness: FelixState = { processes: ['7 calico-felix'], liveness: 503, readiness: 503 };
const dead: FelixState = { processes: [], liveness: null, readiness: null };
const denied = await captured('k8s-deny-ingress-legacy');
/** The policy is gone from the datastore, and the node drops as before, also later. */
const stale = changed(denied, {
  'expected-decisions': [expects('allow')],
  'later-walks': [leg(denied, 'target-ingress')],
  'felix@target': live,
});
const others = [podProfileDenies, podProfileMissing, policyDeniesIngress, policyDeniesEgress, felixNotRunning];
const verdictOf = async (facts: Facts, rules = [rule, ...others]) => {
  const verdict = judge({
    evaluations: await Promise.all(rules.map((one) => evaluated(one, facts))),
    missed: [],
    flow: 'fails',
  });
  return {
    roots: verdict.roots.map((one) => one.rule),
    consequences: verdict.consequences.map((one) => `${one.rule} because ${one.because.rule}`),
    latent: verdict.latent.map((one) => one.rule),
  };
};
const healthy = failing(await captured('healthy-legacy'));
const sourceWalk = droppedBy(leg(healthy, 'source-egress'), { kind: 'policy', name: 'p', direction: 'egress' });
const onSource = changed(withWalk(healthy, sourceWalk), {
  'expected-decisions': [expects('allow', { leg: 'source-egress', node: 'n2', direction: 'egress' })],
  'later-walks': [sourceWalk],
});

testRule(rule, {
  lab: { none: 'Felix is held still for it by a test of its own, not by a fault' },
  rows: [
    [
      'offers to restart Felix where Calico keeps its objects in etcd',
      () => changed(stale, { 'datastore-kind': { kind: 'etcdv3' } }),
      ['stale Node n1 @n1 read stops'],
    ],
    // It is there, and is stale whether it hangs or its health port is off.
    [
      'fails: its process is there, and its health port does not answer',
      () => blind(stale, ['felix@target'], 'no-answer'),
      ['stale Node n1 @n1 read stops'],
    ],
    [
      "fails: on the source's node",
      () => onSource,
      [{ finding: 'stale Node n2 @n2 read stops', withholds: ['programming:n2'] }],
    ],
    [
      'fails: one finding a node',
      () => {
        return changed(stale, {
          walks: [...valueOf(stale, 'walks'), { ...leg(stale, 'target-ingress'), leg: 'same-node' as const }],
          'expected-decisions': [expects('allow'), expects('allow', { leg: 'same-node' })],
          'later-walks': [leg(stale, 'target-ingress'), { ...leg(stale, 'target-ingress'), leg: 'same-node' as const }],
        });
      },
      ['stale Node n1 @n1 read stops'],
    ],
    ['not this cause: no policy or profile ends the packet (1)', () => captured('healthy-legacy'), 'not-applicable'],
    [
      'not this cause: no policy or profile ends the packet (2)',
      () => captured('foreign-forward-drop-nft'),
      'not-applicable',
    ],
    ...(
      [
        [
          'where the packet ends later is not certain',
          () => changed(stale, { 'later-walks': [undecided(leg(stale, 'target-ingress'))] }),
        ],
        ['it was not walked again', () => changed(stale, { 'later-walks': [] })],
        ['there was no second look', () => blind(stale, ['later-walks'], 'ssh-lost')],
        ['whether Felix lives is not known', () => blind(stale, ['felix@target'])],
        ['what the datastore says is not known', () => changed(stale, { 'expected-decisions': [expects('unknown')] })],
        ['the datastore could not be asked', () => blind(stale, ['expected-decisions'], 'datastore-unreachable')],
      ] as readonly [string, () => Facts][]
    ).map(([what, facts]): RuleRow => [`inconclusive: ${what}`, () => facts(), 'inconclusive']),
  ],
});

describe('fails', () => {
  test('a Felix that is live, and a drop that the datastore does not say: it alone is the root', async () => {
    const facts = changed(stale, { 'felix@target': live });
    expect(await judged(rule, facts)).toEqual(['stale Node n1 @n1 read stops']);
    expect(await verdictOf(facts)).toEqual({ roots: ['felix-rules-stale'], consequences: [], latent: [] });
  });
  test("on the source's node no policy denies it", async () => {
    expect(await judged(policyDeniesEgress, onSource)).toBe('not-applicable');
  });
  test('the stand-in for a profile that is there again', async () => {
    const missing = await captured('profile-missing-rbac-legacy');
    const back = changed(missing, {
      profiles: valueOf(await captured('healthy-legacy'), 'profiles'),
      'source-profiles': valueOf(await captured('healthy-legacy'), 'source-profiles'),
      'expected-decisions': [
        expects('allow'),
        expects('allow', { leg: 'source-egress', node: 'n2', direction: 'egress' }),
      ],
      'later-walks': [leg(missing, 'target-ingress'), leg(missing, 'source-egress')],
    });
    // The packet ends on n2: what it would meet on n1 is not judged.
    expect(await judged(rule, back)).toEqual(['stale Node n2 @n2 read stops']);
    expect(await verdictOf(back)).toEqual({
      roots: ['felix-rules-stale'],
      consequences: [],
      latent: [],
    });
  });
  test('it is the consequence of what Felix may not read', async () => {
    const account = { namespace: 'kube-system', name: 'calico-node' };
    const review = {
      user: 'u',
      groups: [],
      group: '',
      resource: 'namespaces',
      verb: 'list',
      allowed: false,
      reason: '',
    };
    const facts = changed(stale, { 'calico-node-access': { account, reviews: [review] } });
    expect(await verdictOf(facts, [rule, calicoNodeForbidden, ...others])).toEqual({
      roots: ['calico-node-forbidden'],
      consequences: ['felix-rules-stale because calico-node-forbidden'],
      latent: [],
    });
  });
  test('what the datastore says stands in the finding', async () => {
    const [finding] = findingsOf(await evaluated(rule, stale));
    expect(finding?.data).toMatchObject({
      node: 'n1',
      by: 'rule 1 of profile kns.default allows it',
      felix: 'Felix runs and answers 200 on its liveness port.',
    });
  });
});
describe('not this cause', () => {
  test('the datastore says the same as the node', async () => {
    const facts = changed(denied, { 'expected-decisions': [expects('deny')] });
    expect(await judged(rule, facts)).toBe('pass');
    expect(await verdictOf(facts)).toEqual({ roots: ['policy-denies-ingress'], consequences: [], latent: [] });
  });
  test('it was just being programmed: later the node lets it through', async () => {
    const accepted = leg(await captured('healthy-legacy'), 'target-ingress');
    const facts = changed(stale, { 'later-walks': [accepted] });
    expect(await judged(rule, facts)).toBe('not-applicable');
    expect(await verdictOf(facts)).toEqual({ roots: [], consequences: [], latent: [] });
  });
  test.each([
    ['dead', dead],
    ['not live', failingLiveness],
  ])('Felix is %s: that is the root', async (_, felix) => {
    const facts = blind(changed(stale, { 'felix@target': felix }), ['later-walks'], 'not-applicable');
    expect(await judged(rule, facts)).toBe('not-applicable');
    expect(await verdictOf(facts)).toEqual({ roots: ['felix-not-running'], consequences: [], latent: [] });
  });
});
