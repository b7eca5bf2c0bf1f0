import { beforeAll, expect, test } from '@jest/globals';
import { calicoGuardDrops } from '../../../src/rules/filter/calico-guard-drops.ts';
import { calicoNodeForbidden as rule } from '../../../src/rules/felix/calico-node-forbidden.ts';
import { findingsOf } from '../../../src/jobs/evaluate.ts';
import { explain } from '../../../src/jobs/explain.ts';
import { blind, captured, changed, evaluated, judged, valueOf, type Facts } from '../../support/facts.ts';

let facts: Facts;
beforeAll(async () => {
  facts = await captured('calico-node-forbidden-new-pod-kdd-nft', { pod: 'newpod' });
});

test('fails, and explains why the new pod\'s interface is unknown', async () => {
  expect(await judged(rule, facts)).toEqual(['forbidden ServiceAccount kube-system/calico-node @n1 read stops']);
  const findings = await Promise.all([calicoGuardDrops, rule].map(async (one) => findingsOf(await evaluated(one, facts)).map((finding) => ({ rule: one, finding }))));
  expect(explain(findings.flat()).map((one) => one.cause?.rule.id)).toEqual(['calico-node-forbidden', 'calico-node-forbidden', undefined]);
});
test('an old pod goes on working: latent', async () => {
  expect(await judged(rule, await captured('calico-node-forbidden-new-pod-kdd-nft'))).toEqual(['forbidden ServiceAccount kube-system/calico-node @n1 read']);
});
test('one verb is enough', async () => {
  const access = valueOf(facts, 'calico-node-access');
  const one = { ...access, reviews: access.reviews.map((review) => ({ ...review, allowed: review.resource !== 'namespaces' || review.verb !== 'watch' })) };
  expect(await judged(rule, changed(facts, { 'calico-node-access': one }))).toHaveLength(1);
});
test('without walks it is still true, and not said to stop the flow', async () => {
  expect(await judged(rule, blind(facts, ['walks', 'felix-log@target', 'felix@target']))).toEqual(['forbidden ServiceAccount kube-system/calico-node @n1 read']);
});
test('passes with every right', async () => {
  expect(await judged(rule, await captured('healthy-kdd-nft'))).toBe('pass');
});
test('does not apply where Felix reads etcd', async () => {
  expect(await judged(rule, await captured('healthy-legacy'))).toBe('not-applicable');
});
test('inconclusive: the API server would not say', async () => {
  expect(await judged(rule, blind(facts, ['calico-node-access'], 'api-forbidden'))).toBe('inconclusive');
});
