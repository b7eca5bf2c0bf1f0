import { beforeAll, expect, test } from '@jest/globals';
import type { Datastore } from '../../../src/model/facts.ts';
import { datastoreNotReady as rule } from '../../../src/rules/endpoint/datastore-not-ready.ts';
import { blind, captured, changed, judged, valueOf, type Facts } from '../../support/facts.ts';

let facts: Facts;
beforeAll(async () => {
  facts = await captured('healthy-legacy');
});
const inState = (state: Datastore['state']) => changed(facts, { datastore: { ...valueOf(facts, 'datastore'), state } });

test('fails where it is locked', async () => {
  expect(await judged(rule, inState('locked'))).toEqual(['locked Datastore ClusterInformation default @- read']);
});
test('passes where it says that it is ready', async () => {
  expect(await judged(rule, inState('ready'))).toBe('pass');
});
test('not said is neither', async () => {
  expect(await judged(rule, inState('unknown'))).toBe('not-applicable');
});
test('inconclusive: not read', async () => {
  expect(await judged(rule, blind(facts, ['datastore']))).toBe('inconclusive');
});
