import { expect, test } from '@jest/globals';
import { unreadRulesNote } from '../../src/engine/unread-rules-note.ts';
import { observed, unavailable, type Fact } from '../../src/model/evidence.ts';
import type { NodeRuleSets } from '../../src/model/flow-walk.ts';

const noteOf = (target: Fact<NodeRuleSets>, source: Fact<NodeRuleSets> = target) =>
  unreadRulesNote({ fact: async (key: string) => (key.endsWith('target') ? target : source) as never });
const rules = (unread?: NodeRuleSets['unread']): Fact<NodeRuleSets> =>
  observed({ node: 'n1', ruleSets: [], at: '2026-11-26T00:00:00Z', ...(unread ? { unread } : {}) });
const part = (number: number) => ({ part: `chain c${number} in table ip filter`, why: 'refused' });

test('names what was not read of a node, once', async () => {
  expect(await noteOf(rules([part(1)]))).toEqual([
    'Not read on n1: chain c1 in table ip filter (refused). A drop there would go unseen.',
  ]);
});

test('counts what is more than a person reads', async () => {
  const [note] = await noteOf(rules([1, 2, 3, 4, 5].map(part)));
  expect(note).toContain('chain c3 in table ip filter (refused), and 2 more.');
});

test('says nothing where all was read, or nothing at all, which is a blind spot', async () => {
  expect(await noteOf(rules(), unavailable('ssh-refused', 'no'))).toEqual([]);
});
