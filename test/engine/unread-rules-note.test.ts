import { expect, test } from '@jest/globals';
import { unreadRulesNote } from '../../src/engine/unread-rules-note.ts';
import { judge } from '../../src/engine/verdict.ts';
import { observed, unavailable, type Fact } from '../../src/model/evidence.ts';
import type { NodeRuleSets } from '../../src/model/flow-walk.ts';
import { blindSpotLines } from '../../src/model/blind-spots.ts';
import { nodeRulesets } from '../../src/probes/node/node-rulesets.ts';
import { probing } from '../probes/scripted.ts';

const noteOf = (target: Fact<NodeRuleSets>, source: Fact<NodeRuleSets> = target) =>
  unreadRulesNote({ fact: async (key: string) => (key.endsWith('target') ? target : source) as never });
const rules = (unread?: NodeRuleSets['unread']): Fact<NodeRuleSets> =>
  observed({ node: 'n1', ruleSets: [], at: '2026-11-26T00:00:00Z', ...(unread ? { unread } : {}) });
const part = (number: number) => ({ part: `chain c${number} in table ip filter`, why: 'refused' });

test('names what was not read of a node, once', async () => {
  expect(await noteOf(rules([part(1)]))).toEqual([
    'Not read on n1: chain c1 in table ip filter (refused). A drop there would go unseen. To do next on n1: iptables-save -c; nft list ruleset',
  ]);
});

test('counts what is more than a person reads', async () => {
  const [note] = await noteOf(rules([1, 2, 3, 4, 5].map(part)));
  expect(note).toContain('chain c3 in table ip filter (refused), and 2 more.');
});

test('says nothing where all was read, or nothing at all, which is a blind spot', async () => {
  expect(await noteOf(rules(), unavailable('ssh-refused', 'no'))).toEqual([]);
});

test('tells a part once: as a blind spot where one is as well, with the node and the next command', async () => {
  const save = '*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j ACCEPT\nCOMMIT\n';
  const gathering = probing(nodeRulesets, {
    script: {
      'cat-ip-tables-names': { stdout: 'filter\n' },
      'iptables-legacy-save': { stdout: save },
      'iptables-nft-save': {},
      'nft-list-chains': { stdout: 'table inet theirs {\n\tchain drops {\n\t}\n}\n' },
      'nft-list-table': { exit: 1, stderr: 'Error: cache initialization failed' },
      'ipset-save': { exit: 127, stderr: 'bash: ipset: command not found' },
    },
  });
  await gathering.fact('rulesets@target');
  const { blindSpots } = judge({ evaluations: [], missed: gathering.missed(), flow: 'fails' });
  const told = [
    ...(await unreadRulesNote(gathering)),
    ...blindSpotLines(blindSpots).map(({ text, next }) => `${text} → ${next ?? 'nothing'}`),
  ];
  const about = (words: string) => told.filter((line) => line.includes(words));
  expect(about('theirs')).toEqual([expect.stringMatching(/^Not read on n1: .*To do next on n1: .*nft list ruleset/)]);
  expect(about('ipset')).toEqual([expect.stringMatching(/ on n1 → apt-get install ipset/)]);
  expect(told).toHaveLength(2);
});

test('leaves out what is unread for the reason of a blind spot', async () => {
  const missing = { part: 'the tables of nft', why: 'nft is not installed', code: 'tool-missing' as const };
  const chain = { part: 'chain c1 in table ip filter', why: 'nft is not installed' };
  expect(await noteOf(rules([missing, chain]))).toEqual([]);
  expect(await noteOf(rules([missing, chain, part(2)]))).toEqual([expect.stringMatching(/^Not read on n1: chain c2 /)]);
});
