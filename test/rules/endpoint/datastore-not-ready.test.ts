import { beforeAll, expect, test } from '@jest/globals';
import { datastoreNotReady as rule } from '../../../src/rules/endpoint/datastore-not-ready.ts';
import { blind, captured, changed, judged, valueOf, type Facts } from '../facts.ts';

let facts: Facts;
beforeAll(async () => {
  facts = await captured('healthy-legacy');
});
const ready = (value: boolean | null) => changed(facts, { datastore: { ...valueOf(facts, 'datastore'), ready: value } });

test('fails where it is locked', async () => {
  expect(await judged(rule, ready(false))).toEqual(['locked Datastore ClusterInformation default @- read']);
});
test('passes where it says that it is ready', async () => {
  expect(await judged(rule, ready(true))).toBe('pass');
});
test('not said is neither', async () => {
  expect(await judged(rule, ready(null))).toBe('not-applicable');
});
test('inconclusive: not read', async () => {
  expect(await judged(rule, blind(facts, ['datastore']))).toBe('inconclusive');
});
