import { expect, test } from '@jest/globals';
import { unavailable } from '../../../src/model/evidence.ts';
import type { FactKey } from '../../../src/model/facts.ts';
import type { ObservedFacts } from '../../../src/model/probe.ts';
import { walkedNodeAt } from '../../../src/probes/lib/walked-node.ts';
import { blind, captured, factOf, type Facts } from '../../support/facts.ts';

const healthy = await captured('healthy-legacy');
const asking = (facts: Facts) => ({ ask: (key: FactKey) => factOf(facts, key) }) as unknown as ObservedFacts<FactKey>;

test('a node whose packet filters could not be read has none, and can be sent to all the same', async () => {
  const read = await walkedNodeAt(asking(healthy), 'target', 'n1');
  const unread = await walkedNodeAt(asking(blind(healthy, ['rulesets@target'], 'command-failed')), 'target', 'n1');
  expect(read.rulesets.ruleSets.length).toBeGreaterThan(0);
  expect([unread.rulesets.node, unread.rulesets.ruleSets, unread.links]).toEqual(['n1', [], read.links]);
});

test.each(['routes@target', 'links@target'] as const)('without %s nothing is sent', async (key) => {
  const facts = { ...healthy, [key]: unavailable('ssh-refused', 'no way in') };
  await expect(walkedNodeAt(asking(facts), 'target', 'n1')).rejects.toThrow('no way in');
});
