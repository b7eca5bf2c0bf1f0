import { beforeAll, expect, test } from '@jest/globals';
import { datastoreUnreachable as rule } from '../../../src/rules/endpoint/datastore-unreachable.ts';
import { blind, captured, changed, judged, valueOf, type Facts } from '../../support/facts.ts';

let facts: Facts;
beforeAll(async () => {
  facts = await captured('healthy-legacy');
});

test('fails, and never stops a flow by itself: Felix goes on with what it has', async () => {
  const silent = changed(facts, { datastore: { ...valueOf(facts, 'datastore'), reachable: false, error: 'context deadline exceeded', state: 'unknown' } });
  expect(await judged(rule, silent)).toEqual(['unreachable Datastore calicoctl on n1 @n1 read']);
});
test.each(['healthy-legacy', 'healthy-kdd-nft'])('passes: %s', async (name) => {
  expect(await judged(rule, await captured(name))).toBe('pass');
});
test('inconclusive: calicoctl could not be run there', async () => {
  expect(await judged(rule, blind(facts, ['datastore'], 'command-failed'))).toBe('inconclusive');
});
test('does not apply to a pod on no node yet', async () => {
  expect(await judged(rule, blind(facts, ['datastore'], 'not-applicable'))).toBe('not-applicable');
});
