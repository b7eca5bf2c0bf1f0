import { describe, expect, test } from '@jest/globals';
import { podProfileDenies as rule } from '../../../src/rules/filter/pod-profile-denies.ts';
import type { ProfileLookup } from '../../../src/model/calico.ts';
import {
  blind,
  captured,
  changed,
  droppedBy,
  evaluated,
  failing,
  judged,
  leg,
  valueOf,
  withWalk,
  type Facts,
} from '../../support/facts.ts';
import { findingsOf } from '../../../src/engine/evaluate.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const stored = (action: 'Allow' | 'Deny'): readonly ProfileLookup[] =>
  ['kns.default', 'ksa.default.default'].map((name) => ({
    name,
    profile: { metadata: { name }, spec: { ingress: [{ action }], egress: [{ action }] } },
  }));
const withProfiles = (facts: Facts, profiles: readonly ProfileLookup[]) =>
  changed(facts, { profiles, 'source-profiles': profiles });
const none = () =>
  withWalk(
    healthy,
    droppedBy(
      leg(healthy, 'target-ingress'),
      { kind: 'endpoint', name: 'cali1234' },
      { comments: ['cali:abc', 'Drop if no profiles matched'] },
    ),
  );
const stopped = await captured('profile-missing-rbac-legacy');
const healthy = failing(await captured('healthy-legacy'));

const isolated = () => {
  const name = 'k8s_ns.default';
  const walk = droppedBy(leg(healthy, 'target-ingress'), { kind: 'profile', name }, { chain: `cali-pri-${name}` });
  const spec = { ingress: [{ action: 'Deny' }], egress: [{ action: 'Allow' }] };
  return withProfiles(withWalk(healthy, walk), [{ name, profile: { metadata: { name }, spec } }]);
};

testRule(rule, {
  lab: 'namespace-isolated',
  rows: [
    [
      'fails: a stored deny-all profile, which renders like the stand-in',
      () => withProfiles(stopped, stored('Deny')),
      ['denies Profile kns.default @n2 inferred stops'],
    ],
    [
      "fails: a profile's own rule that is no stand-in",
      () => {
        const walk = droppedBy(
          leg(healthy, 'target-ingress'),
          { kind: 'profile', name: 'kns.default' },
          { chain: 'cali-pri-kns.default' },
        );
        return withProfiles(withWalk(healthy, walk), stored('Deny'));
      },
      ['denies Profile kns.default @n1 inferred stops'],
    ],
    [
      'fails: the profile of a namespace in Calico 2.x',
      isolated,
      [{ finding: 'denies Profile k8s_ns.default @n1 inferred stops', data: { namespace: 'default' } }],
    ],
    [
      'fails: the end of an endpoint whose profiles matched nothing',
      () => withProfiles(none(), stored('Allow')),
      ['none Interface cali1234 @n1 inferred stops'],
    ],
    ...(
      [
        ['the stand-in for a profile that exists now', () => withProfiles(stopped, stored('Allow'))],
        [
          'a profile that denied before',
          () =>
            withProfiles(
              withWalk(
                healthy,
                droppedBy(
                  leg(healthy, 'target-ingress'),
                  { kind: 'profile', name: 'kns.default' },
                  { chain: 'cali-pri-kns.default' },
                ),
              ),
              stored('Allow'),
            ),
        ],
        ['the end of an endpoint whose profiles allowed nothing before', () => withProfiles(none(), stored('Allow'))],
      ] as readonly [string, () => Facts][]
    ).map(([what, facts]): RuleRow => [
      `does not apply where the datastore lets the packet through: ${what}`,
      () => {
        const allowed = (['target-ingress', 'source-egress'] as const).map((leg) => ({
          leg,
          node: leg === 'target-ingress' ? 'n1' : 'n2',
          direction: leg === 'target-ingress' ? ('ingress' as const) : ('egress' as const),
          decision: 'allow' as const,
          by: 'so it says',
          policies: [],
        }));
        return changed(facts(), { 'expected-decisions': allowed });
      },
      'not-applicable',
    ]),
    [
      'inconclusive: stale: the profile exists and allows, and the stand-in still drops',
      () => withProfiles(stopped, stored('Allow')),
      'inconclusive',
    ],
    [
      'inconclusive: the datastore could not be asked (1)',
      () => blind(stopped, ['profiles', 'source-profiles'], 'datastore-unreachable'),
      'inconclusive',
    ],
    ['inconclusive: the datastore could not be asked (2)', () => blind(stopped, ['walks']), 'inconclusive'],
    ['passes where the profile is missing, where a policy denies, and where nothing does (1)', () => stopped, 'pass'],
    [
      'passes where the profile is missing, where a policy denies, and where nothing does (2)',
      () => captured('k8s-deny-ingress-legacy'),
      'pass',
    ],
    ['passes where the profile is missing, where a policy denies, and where nothing does (3)', () => healthy, 'pass'],
    ['does not apply without a flow', () => blind(healthy, ['flow'], 'not-applicable'), 'not-applicable'],
  ],
});

describe('fails', () => {
  test('an endpoint without profiles, with advice of its own', async () => {
    const [finding] = findingsOf(await evaluated(rule, withProfiles(none(), [])));
    expect([finding?.subject.name, finding?.advice?.commands.length]).toEqual(['cali1234', 1]);
  });
});
test("on the answer's way back it is the pod's own profile that counts, not the source's", async () => {
  const walk = droppedBy(leg(healthy, 'reply-target-egress'), {
    kind: 'profile',
    name: 'kns.default',
    direction: 'egress',
  });
  const facts = changed(withWalk(healthy, walk), { profiles: stored('Deny'), 'source-profiles': [] });
  expect(await judged(rule, facts)).toEqual(['denies Profile kns.default @n1 inferred stops']);
  expect(valueOf(facts, 'source-profiles')).toEqual([]);
});

test('in Calico 2.x the advice is about the annotation of the namespace', async () => {
  const [finding] = findingsOf(await evaluated(rule, isolated()));
  expect(finding?.advice?.commands[0]).toContain('net.beta.kubernetes.io/network-policy');
});
