import { beforeAll, describe, expect, test } from '@jest/globals';
import { profile } from '../../../src/model/resource.ts';
import { podProfileMissing as rule } from '../../../src/rules/endpoint/pod-profile-missing.ts';
import { findingsOf } from '../../../src/jobs/evaluate.ts';
import type { ProfileLookup } from '../../../src/model/calico.ts';
import { blind, captured, changed, droppedBy, evaluated, failing, judged, leg, undecided, valueOf, withWalk, type Facts } from '../../support/facts.ts';

const missing = 'missing Profile kns.default @n1 read stops';
const existing = (facts: Facts): readonly ProfileLookup[] => valueOf(facts, 'profiles').map(({ name }) => ({ name, profile: { metadata: { name } } }));

describe.each(['profile-missing-rbac-legacy', 'profile-missing-rbac-nft', 'profile-missing-rbac-nftables'])('%s', (name) => {
  let facts: Facts;
  beforeAll(async () => {
    facts = await captured(name);
  });

  test('fails for the profile of the pod, once, though the source of the same namespace lacks it too', async () => {
    expect(await judged(rule, facts)).toEqual([missing]);
    const [finding] = findingsOf(await evaluated(rule, facts));
    expect(finding?.lacks).toEqual([profile('kns.default')]);
    expect(finding?.fixInput).toMatchObject({ profile: 'kns.default', namespace: 'default', pod: 'mypod', workloadEndpoint: 'n1-k8s-mypod-eth0', node: 'n1' });
  });

  test('stale: the profile exists now and the stand-in still drops', async () => {
    const stale = changed(facts, { profiles: existing(facts), 'source-profiles': existing(facts) });
    expect(await judged(rule, stale)).toBe('pass');
  });

  test('the datastore was not asked', async () => {
    expect(await judged(rule, blind(facts, ['profiles', 'source-profiles'], 'datastore-unreachable'))).toBe('inconclusive');
  });

  test('a source that could not be looked up takes nothing from what is known of the pod', async () => {
    expect(await judged(rule, blind(facts, ['source-profiles']))).toEqual([missing]);
  });

  test('the datastore has no endpoint: which profile it would name is not known', async () => {
    expect(await judged(rule, changed(facts, { endpoint: null, profiles: [], 'source-profiles': [] }))).toBe('inconclusive');
  });

  test('only the account\'s profile is missing', async () => {
    const profiles = existing(facts).map((lookup) => (lookup.name.startsWith('ksa.') ? { ...lookup, profile: null } : lookup));
    expect(profiles.map((lookup) => lookup.name)).toEqual(['kns.default', 'ksa.default.default']);
    const healthy = await captured('healthy-legacy');
    expect(await judged(rule, changed(failing(healthy), { profiles, 'source-profiles': profiles }))).toBe('pass');
    expect(await judged(rule, changed(facts, { profiles, 'source-profiles': profiles }))).toBe('pass');
  });

  test('needs the walks', async () => {
    expect(await judged(rule, blind(facts, ['walks'], 'needed-fact-missing'))).toBe('inconclusive');
    expect(await judged(rule, blind(facts, ['flow'], 'not-applicable'))).toBe('not-applicable');
  });
});

describe('without a profile chain that ends the packet', () => {
  test('passes; also where a policy denies', async () => {
    expect(await judged(rule, await captured('healthy-legacy'))).toBe('pass');
    expect(await judged(rule, await captured('k8s-deny-ingress-legacy'))).toBe('pass');
  });

  test('an open end is a pass only where the flow works', async () => {
    const healthy = await captured('healthy-legacy');
    const open = withWalk(healthy, undecided(leg(healthy, 'target-ingress')));
    expect(await judged(rule, open)).toBe('pass');
    expect(await judged(rule, failing(open))).toBe('inconclusive');
    expect(await judged(rule, blind(open, ['reachability']))).toBe('inconclusive');
  });

  test('a leg that could not be walked', async () => {
    const healthy = failing(await captured('healthy-legacy'));
    const blindSource = changed(healthy, { walks: valueOf(healthy, 'walks').filter(({ node }) => node === 'n1') });
    expect(await judged(rule, blindSource)).toBe('inconclusive');
  });
});

test('only the source\'s namespace lacks its profile: the finding is the source\'s, on its node', async () => {
  const healthy = failing(await captured('policies-legacy', { from: { kind: 'pod', namespace: 'shop', name: 'api' } }));
  const walk = droppedBy(leg(healthy, 'source-egress'), { kind: 'profile', name: 'kns.shop', direction: 'egress' });
  const facts = changed(withWalk(healthy, walk), { 'source-profiles': [{ name: 'kns.shop', profile: null }] });
  expect(await judged(rule, facts)).toEqual([`missing Profile kns.shop @${walk.node} read stops`]);
});
