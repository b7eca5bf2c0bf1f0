import { beforeAll, expect, test } from '@jest/globals';
import { podWithoutAddress as rule } from '../../../src/rules/target/pod-without-address.ts';
import { resourceKey } from '../../../src/model/resource.ts';
import { findingsOf } from '../../../src/jobs/evaluate.ts';
import { blind, captured, changed, evaluated, judged, valueOf, type Facts } from '../../support/facts.ts';

let facts: Facts;
let without: Facts;
beforeAll(async () => {
  facts = await captured('healthy-legacy');
  without = changed(facts, { pod: { ...valueOf(facts, 'pod'), status: { phase: 'Pending' } } });
});
const lacking = async (phase: string) => findingsOf(await evaluated(rule, changed(without, { pod: { ...valueOf(without, 'pod'), status: { phase } } })))[0]?.lacks?.map(resourceKey);

test('fails: scheduled, and without an address', async () => {
  expect(await judged(rule, without)).toEqual(['noAddress Pod default/mypod @n1 read stops']);
  expect(await lacking('Pending')).toEqual(['felix:n1', 'datastore/cni:n1', 'poolAddress:default/mypod', 'cni:n1', 'pod:default/mypod']);
});
test('a pod that has ended waits for nobody to wire it', async () => {
  expect(await lacking('Failed')).toEqual(['pod:default/mypod']);
});
test('passes with one', async () => {
  expect(await judged(rule, facts)).toBe('pass');
});
test('does not apply to a pod on no node, or on the host network', async () => {
  const pod = valueOf(without, 'pod');
  const { nodeName: _, ...unscheduled } = pod.spec;
  expect(await judged(rule, changed(facts, { pod: { ...pod, spec: unscheduled } }))).toBe('not-applicable');
  expect(await judged(rule, changed(facts, { pod: { ...pod, spec: { ...pod.spec, hostNetwork: true } } }))).toBe('not-applicable');
});
test('inconclusive: nobody could say', async () => {
  expect(await judged(rule, blind(facts, ['pod'], 'api-forbidden'))).toBe('inconclusive');
});
