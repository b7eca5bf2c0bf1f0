import { expect, test } from '@jest/globals';
import { calicoGuardDrops } from '../../../src/rules/filter/calico-guard-drops.ts';
import { calicoNodeForbidden as rule } from '../../../src/rules/felix/calico-node-forbidden.ts';
import { findingsOf } from '../../../src/engine/evaluate.ts';
import { explain } from '../../../src/engine/explain.ts';
import { blind, captured, changed, evaluated, judged, valueOf } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('calico-node-forbidden-new-pod-kdd-nft', { pod: 'newpod' });
const { account, reviews } = valueOf(facts, 'calico-node-access');
const allowed = reviews.map((review) => ({ ...review, allowed: true }));
const ofTypha = { account: { namespace: 'calico-system', name: 'calico-typha' }, reviews };
const search = { user: 'u', groups: [], group: 'discovery.k8s.io', resource: 'endpointslices', verb: 'list' };

testRule(rule, {
  lab: 'calico-node-forbidden',
  rows: [
    [
      'an old pod goes on working: latent',
      () => captured('calico-node-forbidden-new-pod-kdd-nft'),
      [
        {
          finding: 'forbidden ServiceAccount kube-system/calico-node @n1 read',
          withholds: ['programming:*', 'datastore/felix:*'],
        },
      ],
    ],
    [
      'one verb is enough',
      () => {
        const access = valueOf(facts, 'calico-node-access');
        const one = {
          ...access,
          reviews: access.reviews.map((review) => ({
            ...review,
            allowed: review.resource !== 'namespaces' || review.verb !== 'watch',
          })),
        };
        return changed(facts, { 'calico-node-access': one });
      },
      ['forbidden ServiceAccount kube-system/calico-node @n1 read stops'],
    ],
    [
      'without walks it is still true, and not said to stop the flow',
      () => blind(facts, ['walks', 'felix-log@target', 'felix@target']),
      ['forbidden ServiceAccount kube-system/calico-node @n1 read'],
    ],
    [
      'Typha reads for Felix, with an account of its own',
      () => changed(facts, { 'calico-node-access': { account, reviews: [], typha: ofTypha } }),
      [
        {
          finding: 'typha ServiceAccount calico-system/calico-typha @n1 read stops',
          data: { role: 'calico-typha', verbs: 'list namespaces', kindList: 'namespaces' },
          withholds: ['programming:*', 'datastore/felix:*'],
        },
      ],
    ],
    [
      'Typha reads for Felix, with the account of calico-node',
      () => changed(facts, { 'calico-node-access': { account, reviews: [], typha: { account, reviews } } }),
      [
        {
          finding: 'typha ServiceAccount kube-system/calico-node @n1 read stops',
          data: { role: 'calico-node' },
        },
      ],
    ],
    [
      'Felix cannot find the Typha that reads for it',
      () =>
        changed(facts, {
          'calico-node-access': {
            account,
            reviews: [{ ...search, allowed: false, reason: '' }],
            typha: { ...ofTypha, reviews: allowed },
          },
        }),
      [
        {
          finding: 'undiscovered ServiceAccount kube-system/calico-node @n1 read stops',
          data: { kindList: 'endpointslices.discovery.k8s.io' },
        },
      ],
    ],
    [
      'passes: Typha has every right',
      () => changed(facts, { 'calico-node-access': { account, reviews: [], typha: { account, reviews: allowed } } }),
      'pass',
    ],
    ['passes with every right', () => captured('healthy-kdd-nft'), 'pass'],
    ['does not apply where Felix reads etcd', () => captured('healthy-legacy'), 'not-applicable'],
    [
      'inconclusive: the API server would not say',
      () => blind(facts, ['calico-node-access'], 'api-forbidden'),
      'inconclusive',
    ],
  ],
});

test("fails, and explains why the new pod's interface is unknown", async () => {
  expect(await judged(rule, facts)).toEqual(['forbidden ServiceAccount kube-system/calico-node @n1 read stops']);
  const findings = await Promise.all(
    [calicoGuardDrops, rule].map(async (one) =>
      findingsOf(await evaluated(one, facts)).map((finding) => ({ rule: one, finding })),
    ),
  );
  expect(explain(findings.flat()).map((one) => one.cause?.rule.id)).toEqual(['calico-node-forbidden', undefined]);
});
