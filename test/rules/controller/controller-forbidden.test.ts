import { describe, expect, test } from '@jest/globals';
import type { ControllerRoles } from '../../../src/model/control-plane.ts';
import { controllerForbidden as rule } from '../../../src/rules/controller/controller-forbidden.ts';
import { findingsOf } from '../../../src/engine/evaluate.ts';
import { toFinding } from '../../../src/engine/finding.ts';
import { judge } from '../../../src/engine/verdict.ts';
import { rules } from '../../../src/rules/registry.ts';
import {
  blind,
  captured,
  changed,
  droppedBy,
  evaluated,
  judged,
  leg,
  valueOf,
  withWalk,
  type Facts,
} from '../../support/facts.ts';
import { installed } from '../../support/installs.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const lost = ['lostRight ServiceAccount kube-system/calico-kube-controllers @- read'];
const roles: ControllerRoles = { role: null, binding: null, bindingsOfAccount: [], otherUsers: [] };
const facts = await captured('profile-missing-rbac-legacy');
const offered = async (of: Facts) => {
  const [finding] = findingsOf(await evaluated(rule, of));
  return finding ? (toFinding({ rule, finding }).fix?.id ?? null) : 'no finding';
};
const verdictOf = async (of: Facts) => {
  const { roots, consequences, latent } = judge({
    evaluations: await Promise.all(rules.map((one) => evaluated(one, of))),
    missed: [],
    flow: 'fails',
  });
  return {
    roots: roots.map((one) => one.rule),
    consequences: consequences.map((one) => one.rule),
    latent: latent.map((one) => one.rule),
  };
};
describe('what it is the root of', () => {
  test('of the missing profile', async () => {
    expect(await verdictOf(facts)).toEqual({
      roots: ['controller-forbidden'],
      consequences: ['pod-profile-missing'],
      latent: [],
    });
  });
  test('not of a policy that denies: latent beside it', async () => {
    const denied = changed(await captured('k8s-deny-ingress-legacy'), {
      'controller-access': valueOf(facts, 'controller-access'),
    });
    expect(await verdictOf(denied)).toEqual({
      roots: ['policy-denies-ingress'],
      consequences: [],
      latent: ['controller-forbidden'],
    });
  });
  test('of nothing once the profile was made by hand and the chain is only stale', async () => {
    const made = valueOf(facts, 'profiles').map(({ name }) => ({ name, profile: { metadata: { name } } }));
    expect(await verdictOf(changed(facts, { profiles: made, 'source-profiles': made }))).toEqual({
      roots: [],
      consequences: [],
      latent: ['controller-forbidden'],
    });
  });
  test('two roots at once: a tunnel that is blocked on the way to a pod whose profile is missing', async () => {
    const blocked = await captured('ipip-blocked-legacy');
    const both = changed(facts, { 'path-capture': valueOf(blocked, 'path-capture') });
    expect(await verdictOf(both)).toEqual({
      roots: ['ipip-lost-between-nodes', 'controller-forbidden'],
      consequences: ['pod-profile-missing'],
      latent: [],
    });
  });
  test('not of a foreign rule that drops before any profile is asked', async () => {
    const foreign = droppedBy(
      leg(facts, 'target-ingress'),
      { kind: 'foreign', name: 'FORWARD', direction: null },
      { chain: 'FORWARD', index: 1 },
    );
    const source = {
      ...leg(facts, 'source-egress'),
      result: leg(await captured('healthy-legacy'), 'source-egress').result,
    };
    expect(await verdictOf(withWalk(withWalk(facts, foreign), source))).toEqual({
      roots: ['foreign-rule-drops'],
      consequences: [],
      latent: ['controller-forbidden'],
    });
  });
});

const only = (resource: string) =>
  changed(facts, {
    'controller-access': valueOf(facts, 'controller-access').map((review) => ({
      ...review,
      allowed: review.resource !== resource,
    })),
  });
const wrong = changed(facts, {
  controller: { ...valueOf(facts, 'controller'), account: { namespace: 'kube-system', name: 'default' } },
});
/** The policy controller of Calico 2.x, whose account has no right to read namespaces. */
const old = (account: string) =>
  changed(facts, {
    controller: {
      ...valueOf(facts, 'controller'),
      name: 'calico-policy-controller',
      account: { namespace: 'kube-system', name: account },
    },
    'controller-log': [
      '2026-11-23 18:11:14,910 6 ERROR Unhandled exception killed Namespace manager',
      'JSONDecodeError: Expecting value: line 1 column 1 (char 0)',
    ],
  });
const shared = changed(facts, { 'controller-roles': { ...roles, otherUsers: ['kube-system/other'] } });

testRule(rule, {
  lab: 'controller-forbidden',
  rows: [
    [
      'fails: it withholds what it makes from what it may not read',
      () => facts,
      [{ finding: lost[0] ?? '', withholds: ['profile:kns.*', 'profile:k8s_ns.*', 'profile:ksa.*'] }],
    ],
    ...['networkpolicies', 'nodes'].map((resource): RuleRow => [
      `fails: ${resource} alone, from which it makes no profiles`,
      () => only(resource),
      [{ finding: lost[0] ?? '', withholds: [] }],
    ]),
    [
      'fails: a wrong account of the policy controller, with the commands that set the right one',
      () => old('default'),
      [
        {
          finding: 'wrongAccount ServiceAccount kube-system/default @- read',
          data: { name: 'calico-policy-controller', manifest: 'calico-policy-controller' },
        },
      ],
    ],
    [
      'fails: the account of the policy controller lost a right',
      () => old('calico-policy-controller'),
      ['lostRight ServiceAccount kube-system/calico-policy-controller @- read'],
    ],
    ['fails: a wrong account', () => wrong, ['wrongAccount ServiceAccount kube-system/default @- read']],
    [
      "fails: the manifest's account, which others use too",
      () => shared,
      ['sharedAccount ServiceAccount kube-system/calico-kube-controllers @- read'],
    ],
    [
      "fails: the log is evidence only: without it, the API server's word stands",
      () => blind(changed(facts, { 'controller-roles': roles }), ['controller-log']),
      lost,
    ],
    [
      'passes with every right, though a healthy controller logs `forbidden` too',
      async () =>
        changed(await captured('healthy-legacy'), {
          'controller-log': ['customresourcedefinitions is forbidden: User cannot list'],
        }),
      'pass',
    ],
    [
      'does not apply with the Kubernetes datastore, or without a controller (1)',
      () => changed(facts, { datastore: { ...valueOf(facts, 'datastore'), kind: 'kubernetes' } }),
      'not-applicable',
    ],
    [
      'does not apply with the Kubernetes datastore, or without a controller (2)',
      () => changed(facts, { controller: { ...valueOf(facts, 'controller'), account: null } }),
      'not-applicable',
    ],
    [
      "does not apply with Calico's operator, whose datastore is that of Kubernetes",
      () => changed(facts, { install: installed('operator') }),
      'not-applicable',
    ],
    ...(['controller', 'controller-access'] as const).map((key): RuleRow => [
      `inconclusive without ${key}`,
      () => blind(facts, [key], 'api-forbidden'),
      'inconclusive',
    ]),
  ],
});

test.each(['profile-missing-rbac-legacy', 'profile-missing-rbac-nft', 'profile-missing-rbac-nftables'])(
  '%s: a right account that lost its right, with a button',
  async (name) => {
    const broken = await captured(name);
    expect(await judged(rule, broken)).toEqual(lost);
    expect(await offered(broken)).toBe('grant-controller-rbac');
  },
);

test.each(['profile-missing-rbac-legacy', 'profile-missing-rbac-nft', 'profile-missing-rbac-nftables'])(
  '%s: a right account that lost its right, with a button',
  async (name) => {
    const broken = await captured(name);
    expect(await judged(rule, broken)).toEqual(lost);
    expect(await offered(broken)).toBe('grant-controller-rbac');
  },
);
test('no button for a wrong account, or for one that others use too', async () => {
  expect([await offered(wrong), await offered(shared)]).toEqual([null, null]);
});
test('no button for the policy controller of Calico 2.x, and what its log says is evidence', async () => {
  const [finding] = findingsOf(await evaluated(rule, old('calico-policy-controller')));
  const { fix, advice } = finding ? toFinding({ rule, finding }) : {};
  expect(fix).toBeNull();
  expect(advice?.commands).toContain('kubectl get clusterrole,clusterrolebinding calico-policy-controller -o yaml');
  const [account] = findingsOf(await evaluated(rule, old('default')));
  expect(account ? toFinding({ rule, finding: account }).advice?.commands : []).toContain(
    'kubectl -n kube-system set serviceaccount deployment calico-policy-controller calico-policy-controller',
  );
});

test('the offer says where calicoctl can be asked for the profiles, if that is known', async () => {
  const { node, nodeAddress } = valueOf(facts, 'flow').destination;
  for (const [of, at] of [
    [facts, { node, nodeAddress }],
    [blind(facts, ['flow']), null],
  ] as const) {
    const [finding] = findingsOf(await evaluated(rule, of));
    expect(finding?.fixInput).toMatchObject({ at });
  }
});
