import { beforeAll, expect, test } from '@jest/globals';
import { resourceKey } from '../../../src/model/resource.ts';
import { podRouteMissing as rule } from '../../../src/rules/routes/pod-route-missing.ts';
import { findingsOf } from '../../../src/jobs/evaluate.ts';
import { blind, captured, changed, evaluated, judged, valueOf, type Facts } from '../../support/facts.ts';

let facts: Facts;
let without: Facts;
let address: string;
beforeAll(async () => {
  facts = await captured('healthy-legacy');
  ({ address } = valueOf(facts, 'flow').destination);
  without = changed(facts, { 'routes@target': valueOf(facts, 'routes@target').filter(({ destination }) => destination !== `${address}/32`) });
});

test('fails: the block\'s blackhole takes the packet', async () => {
  expect(await judged(rule, without)).toEqual([`missing Route ${address}/32 @n1 read stops`]);
  expect(findingsOf(await evaluated(rule, without))[0]?.lacks?.map(resourceKey)).toEqual([`interface:n1/${valueOf(facts, 'flow').destination.interface}`, 'programming:n1', 'nodeNetworking:n1', 'endpoint:default/mypod']);
});
test('fails also where there is no route at all', async () => {
  expect(await judged(rule, changed(facts, { 'routes@target': [] }))).toHaveLength(1);
});
test('passes with the /32', async () => {
  expect(await judged(rule, facts)).toBe('pass');
});
test('inconclusive: the routes could not be read', async () => {
  expect(await judged(rule, blind(facts, ['routes@target'], 'timeout'))).toBe('inconclusive');
});
test('does not apply on the host network, or before there is a flow', async () => {
  const flow = valueOf(facts, 'flow');
  expect(await judged(rule, changed(without, { flow: { ...flow, destination: { ...flow.destination, interface: null } } }))).toBe('not-applicable');
  expect(await judged(rule, blind(facts, ['flow', 'routes@target'], 'not-applicable'))).toBe('not-applicable');
});
