import { describe, expect, test } from '@jest/globals';
import { podProfileMissing as rule } from '../../../src/rules/endpoint/pod-profile-missing.ts';
import { findingsOf } from '../../../src/engine/evaluate.ts';
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
  undecided,
  valueOf,
  withWalk,
  type Facts,
} from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const missing = 'missing Profile kns.default @n1 read stops';
const existing = (facts: Facts): readonly ProfileLookup[] =>
  valueOf(facts, 'profiles').map(({ name }) => ({ name, profile: { metadata: { name } } }));

const stopped = await captured('profile-missing-rbac-legacy');
const healthy = await captured('healthy-legacy');
const open = withWalk(healthy, undecided(leg(healthy, 'target-ingress')));
const shop = failing(await captured('policies-legacy', { from: { kind: 'pod', namespace: 'shop', name: 'api' } }));

testRule(rule, {
  lab: 'profile-missing',
  rows: [
    [
      'fails for the profile of the pod, once, though the source of the same namespace lacks it too',
      () => stopped,
      [{ finding: missing, data: { pod: 'default/mypod', node: 'n1' }, lacks: ['profile:kns.default'] }],
    ],
    [
      "fails for the source's end, which stops the flow, where another drop stands before the pod's",
      () => {
        const ingress = leg(stopped, 'target-ingress');
        const before = droppedBy(ingress, { kind: 'foreign', name: 'FORWARD' }, { chain: 'FORWARD', index: 1 });
        return changed(withWalk(stopped, before), { 'further-drops': [ingress] });
      },
      [{ finding: 'missing Profile kns.default @n2 read stops', data: { pod: 'default/client' } }],
    ],
    [
      'fails: a source that could not be looked up takes nothing from what is known of the pod',
      () => blind(stopped, ['source-profiles']),
      [missing],
    ],
    [
      "fails: only the source's namespace lacks its profile: the finding is the source's, on its node",
      () =>
        changed(
          withWalk(
            shop,
            droppedBy(leg(shop, 'source-egress'), { kind: 'profile', name: 'kns.shop', direction: 'egress' }),
          ),
          { 'source-profiles': [{ name: 'kns.shop', profile: null }] },
        ),
      ['missing Profile kns.shop @n2 read stops'],
    ],
    [
      'fails, with nothing to write, where Calico makes profiles of accounts and namespaces',
      () =>
        changed(stopped, {
          'datastore-kind': { kind: 'kubernetes', api: 'projectcalico.org/v3', interfacePrefix: 'cali' },
        }),
      [{ finding: 'underived Profile kns.default @n1 read stops', data: { origin: 'namespace of the pod' } }],
    ],
    [
      'passes: stale: the profile exists now and the stand-in still drops',
      () => changed(stopped, { profiles: existing(stopped), 'source-profiles': existing(stopped) }),
      'pass',
    ],
    ['passes: no profile chain ends the packet', () => healthy, 'pass'],
    ['passes: a policy denies', () => captured('k8s-deny-ingress-legacy'), 'pass'],
    ['an open end is no pass where the flow does not work', () => failing(open), 'inconclusive'],
    [
      'a leg that could not be walked is no pass',
      () => changed(failing(healthy), { walks: valueOf(healthy, 'walks').filter(({ node }) => node === 'n1') }),
      'inconclusive',
    ],
    [
      'inconclusive: the datastore was not asked',
      () => blind(stopped, ['profiles', 'source-profiles'], 'datastore-unreachable'),
      'inconclusive',
    ],
    [
      'inconclusive: the datastore has no endpoint: which profile it would name is not known',
      () => changed(stopped, { endpoint: null, profiles: [], 'source-profiles': [] }),
      'inconclusive',
    ],
    ['needs the walks', () => blind(stopped, ['walks'], 'needed-fact-missing'), 'inconclusive'],
    ['does not apply without a flow', () => blind(stopped, ['flow'], 'not-applicable'), 'not-applicable'],
  ],
});

test('an open end is a pass only where the flow was seen to work', async () => {
  expect([await judged(rule, open), await judged(rule, blind(open, ['reachability']))]).toEqual([
    'pass',
    'inconclusive',
  ]);
});

describe.each(['profile-missing-rbac-nft', 'profile-missing-rbac-nftables'])('%s', (name) => {
  test('fails as with iptables-legacy, with all that its fix needs', async () => {
    const facts = await captured(name);
    expect(await judged(rule, facts)).toEqual([missing]);
    const [finding] = findingsOf(await evaluated(rule, facts));
    expect(finding?.fixInput).toMatchObject({
      profile: 'kns.default',
      namespace: 'default',
      pod: 'mypod',
      workloadEndpoint: 'n1-k8s-mypod-eth0',
      node: 'n1',
    });
  });
  test("only the account's profile is missing", async () => {
    const facts = await captured(name);
    const profiles = existing(facts).map((lookup) =>
      lookup.name.startsWith('ksa.') ? { ...lookup, profile: null } : lookup,
    );
    expect(profiles.map((lookup) => lookup.name)).toEqual(['kns.default', 'ksa.default.default']);
    expect(await judged(rule, changed(failing(healthy), { profiles, 'source-profiles': profiles }))).toBe('pass');
    expect(await judged(rule, changed(facts, { profiles, 'source-profiles': profiles }))).toBe('pass');
  });
});

test('nobody is offered to write a profile where Calico makes it of other objects', async () => {
  const home = { kind: 'kubernetes', api: 'projectcalico.org/v3', interfacePrefix: 'cali' } as const;
  const [finding] = findingsOf(await evaluated(rule, changed(stopped, { 'datastore-kind': home })));
  expect([finding?.fixInput, finding?.noFix]).toEqual([undefined, expect.stringContaining('Kubernetes datastore')]);
});
