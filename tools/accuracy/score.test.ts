import { expect, test } from '@jest/globals';
import { catalogue } from '../lab/faults/catalogue/registry.ts';
import { comparedKinds } from './compared.ts';
import { accuracyPage } from './page.ts';
import { answer } from './sample-answer.ts';
import { judged, scoreOf } from './score.ts';

const expected = { roots: ['route', 'policy'], latent: ['felix'], hidden: ['tunnel'] };
const said = (roots: string[], latent: string[] = [], consequences: string[] = []) => ({
  verdict: 'fault',
  roots,
  latent,
  consequences,
});

test('names every cause and every other fault: right', () => {
  expect(judged(said(['policy', 'route'], ['felix']), expected)).toEqual({
    verdict: 'fault',
    found: ['policy', 'route'],
    asOthers: [],
    missing: [],
    wrong: [],
    strays: [],
  });
});

test('what is told as an other fault and is not there is a stray', () => {
  expect(judged(said(['policy', 'route'], ['felix', 'silence']), expected)).toMatchObject({
    wrong: [],
    strays: ['silence'],
  });
});

test('a cause that nobody can see is right where it is named, and not missing where it is not', () => {
  expect(judged(said(['policy', 'route', 'tunnel'], ['felix']), expected).wrong).toEqual([]);
});

test('a cause that is told as a consequence is missing, and so is one told as an other fault alone', () => {
  expect(judged(said(['policy'], ['felix'], ['route']), expected).missing).toEqual(['route']);
  expect(judged(said([], ['felix', 'route', 'policy']), expected).missing).toEqual(['route', 'policy']);
});

test('a cause that is told as an other fault beside a right cause is named', () => {
  const { found, asOthers, missing } = judged(said(['policy'], ['felix', 'route']), expected);
  expect({ found, asOthers, missing }).toEqual({ found: ['policy'], asOthers: ['route'], missing: [] });
});

test('a cause that is not there is wrong, and so is a consequence told as a cause', () => {
  expect(judged(said(['policy', 'route', 'gateway'], ['felix']), expected).wrong).toEqual(['gateway']);
});

test('recall and precision are of causes, alarms and verdicts are counted', () => {
  const score = scoreOf([
    answer({ found: ['a', 'b'], seconds: 1 }),
    answer({ found: [], asOthers: ['e'], missing: ['c'], wrong: ['d'], seconds: 3 }),
    answer({ kind: 'healthy', verdict: 'fault', found: [], seconds: 9 }),
    answer({ kind: 'healthy', verdict: 'inconclusive', found: [], seconds: 9 }),
  ]);
  expect(score).toEqual({
    asked: 4,
    recall: 2 / 4,
    named: 3 / 4,
    precision: 2 / 3,
    wrong: 1,
    falseAlarms: 1,
    inconclusive: 1,
    seconds: 9,
  });
  expect(scoreOf([answer({ found: [] })])).toMatchObject({ recall: null, named: null, precision: null });
  expect(() => scoreOf([])).toThrow('a score needs answers');
});

test('the page names each answer that is not right, and no other', () => {
  const page = accuracyPage(
    [
      answer({ what: 'one' }),
      answer({ kind: 'pair', what: 'one + two', missing: ['tunnel'] }),
      answer({ kind: 'healthy', what: 'odd', verdict: 'inconclusive', found: [] }),
    ],
    [],
  );
  const not = page.slice(page.indexOf('## Not right'), page.indexOf('## Every fault'));
  expect(not).toContain('| one + two | fault | `tunnel` | – |');
  expect(not).toContain('| odd | inconclusive | – | – |');
  expect(not).not.toContain('| one |');
  expect(accuracyPage([answer({})], [])).toContain('Every answer is right.');
});

test('beside others, the page has how often each kind of fault is right, in all labs', () => {
  const page = accuracyPage(
    [
      answer({ what: 'pod-route-missing' }),
      answer({ what: 'pod-routes-lost lost=address', missing: ['route'] }),
      answer({ what: 'pod-route-missing + tunnel-down', kind: 'pair' }),
      answer({ what: 'something-else' }),
    ],
    [],
  );
  expect(page).toContain('| a route to a pod, or in a pod, is missing or wrong | 1 of 2 right |');
  expect(page).toContain('| the tunnel device is down | not measured |');
  expect(page).toContain('| every other fault of the lab | 1 of 1 right | not compared | not compared |');
});

test('what is compared with others are faults of the lab, each once', () => {
  const compared = comparedKinds.flatMap(({ faults }) => faults);
  expect(compared).toHaveLength(new Set(compared).size);
  expect(compared.filter((name) => !catalogue.some((fault) => fault.name === name))).toEqual([]);
});

test('the page says when each kind of lab was asked, and what was not', () => {
  const { lab } = answer({});
  const faults = ['one', 'two'];
  const page = accuracyPage(
    [answer({ what: 'one', day: '2026-01-31' }), answer({ what: 'two', kind: 'pair', day: '2026-02-01' })],
    [
      { lab, faults },
      { lab: { ...lab, encap: 'none' }, faults },
    ],
  );
  expect(page).toMatch(/\| one fault \|.*\| 2026-01-31 \|/);
  expect(page).toContain('2026-01-31, 2026-02-01');
  expect(page).toContain(`| ${lab.dataplane}, ${lab.datastore}, ${lab.encap} | 2 | 1 | \`two\` |`);
  expect(page).toContain(`| ${lab.dataplane}, ${lab.datastore}, none | 2 | 0 | all |`);
});

/** Returns what the row of all answers says of their days. */
const daysOf = (...days: readonly (string | undefined)[]) =>
  / \| ([^|]*) \|$/.exec(
    accuracyPage(
      days.map((day) => answer(day === undefined ? {} : { day })),
      [],
    )
      .split('\n')
      .find((line) => line.startsWith('| all |')) ?? '',
  )?.[1];

test('the page says where the day of some answers was not kept', () => {
  expect(daysOf(undefined)).toBe('not kept');
  expect(daysOf('2026-01-31', undefined)).toBe('2026-01-31, some earlier');
  expect(daysOf(undefined, '2026-01-31', '2026-02-01', '2026-02-02')).toBe('2026-01-31 to 2026-02-02, some earlier');
});
