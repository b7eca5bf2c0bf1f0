import { beforeAll, describe, expect, test } from '@jest/globals';
import { podProfileDenies as rule } from '../../../src/rules/filter/pod-profile-denies.ts';
import type { ProfileLookup } from '../../../src/model/calico.ts';
import { blind, captured, changed, droppedBy, evaluated, failing, judged, leg, valueOf, withWalk, type Facts } from '../../support/facts.ts';
import { findingsOf } from '../../../src/jobs/evaluate.ts';

const stored = (action: 'Allow' | 'Deny'): readonly ProfileLookup[] => ['kns.default', 'ksa.default.default'].map((name) => ({ name, profile: { metadata: { name }, spec: { ingress: [{ action }], egress: [{ action }] } } }));
const withProfiles = (facts: Facts, profiles: readonly ProfileLookup[]) => changed(facts, { profiles, 'source-profiles': profiles });

let stopped: Facts;
let healthy: Facts;
const none = () => withWalk(healthy, droppedBy(leg(healthy, 'target-ingress'), { kind: 'endpoint', name: 'cali1234' }, { comments: ['cali:abc', 'Drop if no profiles matched'] }));
beforeAll(async () => {
  stopped = await captured('profile-missing-rbac-legacy');
  healthy = failing(await captured('healthy-legacy'));
});

describe('fails', () => {
  test('a stored deny-all profile, which renders like the stand-in', async () => {
    expect(await judged(rule, withProfiles(stopped, stored('Deny')))).toEqual(['denies Profile kns.default @n2 inferred stops', 'denies Profile kns.default @n1 inferred stops']);
  });
  test('a profile\'s own rule that is no stand-in', async () => {
    const walk = droppedBy(leg(healthy, 'target-ingress'), { kind: 'profile', name: 'kns.default' }, { chain: 'cali-pri-kns.default' });
    expect(await judged(rule, withProfiles(withWalk(healthy, walk), stored('Deny')))).toEqual(['denies Profile kns.default @n1 inferred stops']);
  });
  test('the end of an endpoint whose profiles matched nothing', async () => {
    expect(await judged(rule, withProfiles(none(), stored('Allow')))).toEqual(['none Interface cali1234 @n1 inferred stops']);
  });
  test('an endpoint without profiles, with advice of its own', async () => {
    const [finding] = findingsOf(await evaluated(rule, withProfiles(none(), [])));
    expect([finding?.subject.name, finding?.advice?.commands.length]).toEqual(['cali1234', 1]);
  });
});

test.each<[string, () => Facts]>([
  ['the stand-in for a profile that exists now', () => withProfiles(stopped, stored('Allow'))],
  ['a profile that denied before', () => withProfiles(withWalk(healthy, droppedBy(leg(healthy, 'target-ingress'), { kind: 'profile', name: 'kns.default' }, { chain: 'cali-pri-kns.default' })), stored('Allow'))],
  ['the end of an endpoint whose profiles allowed nothing before', () => withProfiles(none(), stored('Allow'))],
])('does not apply where the datastore lets the packet through: %s', async (_, facts) => {
  const allowed = (['target-ingress', 'source-egress'] as const).map((leg) => ({ leg, node: leg === 'target-ingress' ? 'n1' : 'n2', direction: leg === 'target-ingress' ? 'ingress' as const : 'egress' as const, decision: 'allow' as const, by: 'so it says', policies: [] }));
  expect(await judged(rule, changed(facts(), { 'expected-decisions': allowed }))).toBe('not-applicable');
});

describe('inconclusive', () => {
  test('stale: the profile exists and allows, and the stand-in still drops', async () => {
    expect(await judged(rule, withProfiles(stopped, stored('Allow')))).toBe('inconclusive');
  });
  test('the datastore could not be asked', async () => {
    expect(await judged(rule, blind(stopped, ['profiles', 'source-profiles'], 'datastore-unreachable'))).toBe('inconclusive');
    expect(await judged(rule, blind(stopped, ['walks']))).toBe('inconclusive');
  });
});

test('passes where the profile is missing, where a policy denies, and where nothing does', async () => {
  expect(await judged(rule, stopped)).toBe('pass');
  expect(await judged(rule, await captured('k8s-deny-ingress-legacy'))).toBe('pass');
  expect(await judged(rule, healthy)).toBe('pass');
});

test('does not apply without a flow', async () => {
  expect(await judged(rule, blind(healthy, ['flow'], 'not-applicable'))).toBe('not-applicable');
});

test('on the answer\'s way back it is the pod\'s own profile that counts, not the source\'s', async () => {
  const walk = droppedBy(leg(healthy, 'reply-target-egress'), { kind: 'profile', name: 'kns.default', direction: 'egress' });
  const facts = changed(withWalk(healthy, walk), { profiles: stored('Deny'), 'source-profiles': [] });
  expect(await judged(rule, facts)).toEqual(['denies Profile kns.default @n1 inferred stops']);
  expect(valueOf(facts, 'source-profiles')).toEqual([]);
});
