import { expect, test } from '@jest/globals';
import { accuracyPage } from './page.ts';
import { judged, scoreOf, type Answer } from './score.ts';

const expected = { roots: ['route', 'policy'], latent: ['felix'], hidden: ['tunnel'] };
const said = (roots: string[], latent: string[] = [], consequences: string[] = []) => ({
  verdict: 'fault',
  roots,
  latent,
  consequences,
});
const answer = (part: Partial<Answer>): Answer => ({
  kind: 'single',
  what: 'one',
  lab: { dataplane: 'nft', datastore: 'etcd', encap: 'ipip', calico: 'stand-ins' },
  verdict: 'fault',
  found: ['route'],
  missing: [],
  wrong: [],
  seconds: 2,
  ...part,
});

test('names every cause and every other fault: right', () => {
  expect(judged(said(['policy', 'route'], ['felix']), expected)).toEqual({
    verdict: 'fault',
    found: ['policy', 'route'],
    missing: [],
    wrong: [],
  });
});

test('a cause that nobody can see is right where it is named, and not missing where it is not', () => {
  expect(judged(said(['policy', 'route', 'tunnel'], ['felix']), expected).wrong).toEqual([]);
});

test('a cause that is told as an other fault or a consequence is missing', () => {
  expect(judged(said(['policy'], ['felix', 'route']), expected).missing).toEqual(['route']);
  expect(judged(said(['policy'], ['felix'], ['route']), expected).missing).toEqual(['route']);
});

test('a cause that is not there is wrong, and so is a consequence told as a cause', () => {
  expect(judged(said(['policy', 'route', 'gateway'], ['felix']), expected).wrong).toEqual(['gateway']);
});

test('recall and precision are of causes, alarms and verdicts are counted', () => {
  const score = scoreOf([
    answer({ found: ['a', 'b'], seconds: 1 }),
    answer({ found: [], missing: ['c'], wrong: ['d'], seconds: 3 }),
    answer({ kind: 'healthy', verdict: 'fault', found: [], seconds: 9 }),
    answer({ kind: 'healthy', verdict: 'inconclusive', found: [], seconds: 9 }),
  ]);
  expect(score).toEqual({
    asked: 4,
    recall: 2 / 3,
    precision: 2 / 3,
    wrong: 1,
    falseAlarms: 1,
    inconclusive: 1,
    seconds: 9,
  });
  expect(scoreOf([answer({ found: [] })])).toMatchObject({ recall: null, precision: null });
  expect(() => scoreOf([])).toThrow('a score needs answers');
});

test('the page names each answer that is not right, and no other', () => {
  const page = accuracyPage([
    answer({ what: 'one' }),
    answer({ kind: 'pair', what: 'one + two', missing: ['tunnel'] }),
    answer({ kind: 'healthy', what: 'odd', verdict: 'inconclusive', found: [] }),
  ]);
  const not = page.slice(page.indexOf('## Not right'), page.indexOf('## Every fault'));
  expect(not).toContain('| one + two | fault | `tunnel` | – |');
  expect(not).toContain('| odd | inconclusive | – | – |');
  expect(not).not.toContain('| one |');
  expect(accuracyPage([answer({})])).toContain('Every answer is right.');
});
