import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ExpectedDecision, FelixState } from '../../src/model/facts.ts';
import { felixNotRunning as rule } from '../../src/rules/felix-not-running.ts';
import { calicoGuardDrops } from '../../src/rules/calico-guard-drops.ts';
import { podRouteMissing } from '../../src/rules/pod-route-missing.ts';
import { findingsOf } from '../../src/jobs/evaluate.ts';
import { judge } from '../../src/jobs/verdict.ts';
import { policyDeniesIngress } from '../../src/rules/policy-denies-ingress.ts';
import { blind, captured, changed, droppedBy, evaluated, failing, judged, leg, valueOf, withWalk, type Facts } from './facts.ts';

const dead: FelixState = { processes: [], liveness: null, readiness: null };
const hung: FelixState = { processes: ['7 calico-node -felix'], liveness: 503, readiness: 503 };
const says = (decision: ExpectedDecision['decision']): ExpectedDecision => ({ leg: 'target-ingress', node: 'n1', direction: 'ingress', decision, by: 'so it says', policies: [] });

let facts: Facts;
beforeAll(async () => {
  facts = failing(await captured('healthy-legacy'));
});

describe('fails', () => {
  test.each([['no process', dead], ['its liveness fails', hung]])('%s: latent, behind rules that still stand', async (_, felix) => {
    expect(await judged(rule, changed(facts, { 'felix@target': felix }))).toEqual(['latent Node n1 @n1 read']);
  });
  test('on the source\'s node', async () => {
    expect(await judged(rule, changed(facts, { 'felix@source': dead }))).toEqual(['latent Node n2 @n2 read']);
  });
  test('where it never programmed the pod\'s interface, it stops the flow', async () => {
    const unknown = droppedBy(leg(facts, 'target-ingress'), { kind: 'dispatch', name: 'cali-to-wl-dispatch' }, { comments: ['cali:x', 'Unknown interface'] });
    const broken = changed(withWalk(facts, unknown), { 'felix@target': dead });
    expect(await judged(rule, broken)).toEqual(['stops Node n1 @n1 read stops']);
    expect(await judged(calicoGuardDrops, broken)).toBe('not-applicable');
    expect(await judged(rule, changed(broken, { 'felix@target': valueOf(facts, 'felix@target'), 'felix@source': dead }))).toEqual(['latent Node n2 @n2 read']);
  });
  test('a route that it did not put back makes it the root, and the route its consequence', async () => {
    const { address } = valueOf(facts, 'flow').destination;
    const broken = changed(facts, { 'felix@target': dead, 'routes@target': valueOf(facts, 'routes@target').filter(({ destination }) => destination !== `${address}/32`) });
    const evaluations = await Promise.all([podRouteMissing, rule].map((one) => evaluated(one, broken)));
    const verdict = judge({ evaluations, missed: [], flowWorks: false });
    expect([verdict.roots.map((one) => one.rule), verdict.consequences.map((one) => [one.rule, one.because]), verdict.latent]).toEqual([['felix-not-running'], [['pod-route-missing', 'felix-not-running']], []]);
  });
  describe('behind a denial that the datastore no longer says', () => {
    test.each<[string, ExpectedDecision['decision'], readonly string[], readonly string[], readonly string[]]>([
      ['it stops the flow, and no policy does', 'allow', ['outdated Node n1 @n1 read stops'], ['felix-not-running'], []],
      ['a denial that still stands is the policy\'s', 'deny', ['latent Node n1 @n1 read'], ['policy-denies-ingress'], ['felix-not-running']],
      ['where nobody knows, the node\'s rules are the word', 'unknown', ['latent Node n1 @n1 read'], ['policy-denies-ingress'], ['felix-not-running']],
    ])('%s', async (_, decision, found, roots, latent) => {
      const denied = changed(await captured('k8s-deny-ingress-legacy'), { 'felix@target': dead, 'expected-decisions': [says(decision)] });
      expect(await judged(rule, denied)).toEqual(found);
      const verdict = judge({ evaluations: await Promise.all([policyDeniesIngress, rule].map((one) => evaluated(one, denied))), missed: [], flowWorks: false });
      expect([verdict.roots.map((one) => one.rule), verdict.latent.map((one) => one.rule)]).toEqual([roots, latent]);
    });
    test('on another node than the dead Felix\'s it is none of its doing', async () => {
      const denied = changed(await captured('k8s-deny-ingress-legacy'), { 'felix@source': dead, 'expected-decisions': [says('allow')] });
      expect(await judged(rule, denied)).toEqual(['latent Node n2 @n2 read']);
    });
  });
});

test('passes: live', async () => {
  expect(await judged(rule, facts)).toBe('pass');
  expect(findingsOf(await evaluated(rule, blind(facts, ['felix@source'])))).toEqual([]);
});
test('readiness alone is not this', async () => {
  expect(await judged(rule, changed(facts, { 'felix@target': { ...valueOf(facts, 'felix@target'), readiness: 503 } }))).toBe('pass');
});
test('inconclusive: not checked, or a process that does not answer', async () => {
  expect(await judged(rule, blind(facts, ['felix@target'], 'no-answer'))).toBe('inconclusive');
  expect(await judged(rule, blind(facts, ['felix@target']))).toBe('inconclusive');
});
test('does not apply without a flow', async () => {
  expect(await judged(rule, blind(facts, ['flow'], 'not-applicable'))).toBe('not-applicable');
});
