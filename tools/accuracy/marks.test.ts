import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { isMarked, missedMarks, neverAsked } from './marks.ts';
import { accuracyPage } from './page.ts';
import { possibleFaults } from './questions.ts';
import { answer, sampleLab as lab } from './sample-answer.ts';
import type { Answer, LabKind } from './score.ts';

const missed = answer({ what: 'two', found: [], missing: ['policy'] });
/** As many right answers as one missed one may have beside it. */
const many = (of: LabKind, right: number) => [
  ...Array.from({ length: right }, () => answer({ lab: of })),
  { ...missed, lab: of },
];

const kept = JSON.parse(readFileSync(`${import.meta.dirname}/answers.json`, 'utf8')) as Answer[];

test('the kept answers reach every mark', () => {
  expect(missedMarks(kept)).toEqual([]);
});

test('the kept answers are of every single fault, in each lab that a mark is of', () => {
  const marked = possibleFaults().filter(isMarked);
  expect(marked).toHaveLength(6);
  expect(neverAsked(kept, marked)).toEqual([]);
});

test('docs/accuracy.md has what the kept answers say', () => {
  const page = readFileSync(`${import.meta.dirname}/../../docs/accuracy.md`, 'utf8');
  expect(page).toBe(accuracyPage(kept, possibleFaults()));
});

test('a fault that nobody asked about alone is told, by its lab', () => {
  const possible = [{ lab: { dataplane: 'nft', datastore: 'etcd', encap: 'ipip' } as const, faults: ['one', 'two'] }];
  expect(neverAsked([answer({ what: 'one' }), answer({ what: 'two', kind: 'pair' })], possible)).toEqual([
    'nft, etcd, ipip: nobody asked about two',
  ]);
  expect(
    neverAsked([answer({ what: 'one' }), answer({ what: 'two', lab: { ...lab, era: '2' } })], possible),
  ).toHaveLength(1);
  expect(neverAsked([answer({ what: 'one' }), answer({ what: 'two' })], possible)).toEqual([]);
});

test('a single fault that is not named is too many with iptables', () => {
  expect(missedMarks(many(lab, 99))).toEqual([
    'nft, etcd, ipip, stand-ins: recall of single faults is 99.0 %, and must be 100.0 %',
  ]);
});

test.each<[string, LabKind]>([
  ['with nftables', { ...lab, dataplane: 'nftables' }],
  ['of Calico 2.x', { ...lab, era: '2' }],
])('one of twenty single faults may be missed %s', (_, of) => {
  expect(missedMarks(many(of, 19))).toEqual([]);
  expect(missedMarks(many(of, 18))).toHaveLength(1);
});

test('labs do not make up for each other', () => {
  expect(
    missedMarks([...many({ ...lab, dataplane: 'legacy' }, 3), ...many({ ...lab, dataplane: 'nftables' }, 30)]),
  ).toHaveLength(1);
});

test('no cause may be wrong, also of several faults at once', () => {
  expect(missedMarks([answer({ kind: 'pair', what: 'a + b', wrong: ['gateway'] })])).toEqual([
    'a + b: gateway is named, and is not there',
  ]);
});

test('nothing may be called broken that is healthy', () => {
  const odd = answer({ kind: 'healthy', what: 'odd', found: [] });
  expect(missedMarks([odd])).toEqual(['odd: a fault is named, and nothing is broken']);
  expect(missedMarks([{ ...odd, verdict: 'inconclusive' }])).toEqual([]);
});

test('of several faults at once a cause may stay unnamed', () => {
  expect(missedMarks([answer(), { ...missed, kind: 'triple' }])).toEqual([]);
});
