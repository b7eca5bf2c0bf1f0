import { describe, expect, test } from '@jest/globals';
import { explain, rootOf, type JudgedFinding } from '../../src/engine/explain.ts';
import { judge } from '../../src/engine/verdict.ts';
import type { Evaluation } from '../../src/engine/evaluate.ts';
import type { AnyFinding, Rule } from '../../src/model/rule.ts';
import { anyOf, felixOf, matchOf, podInterface, profile, resourceKey, tunnel } from '../../src/model/resource.ts';
import type { StepId } from '../../src/model/steps.ts';
import { rules } from '../../src/rules/registry.ts';
import type { MissedLook } from '../../src/engine/gather.ts';
import { unavailable } from '../../src/model/evidence.ts';
import { rawFinding } from '../support/raw-finding.ts';

const rule = (id: string, step: StepId = 'filter'): Rule => ({
  id,
  description: '',
  step,
  requires: [],
  messages: { m: { title: id, detail: '' } },
  judge: () => ({ outcome: 'pass', by: '' }),
});
const failing = (subject: Rule, ...findings: AnyFinding[]): Evaluation => ({
  rule: subject,
  outcome: { outcome: 'fail', findings },
  missing: [],
});

const effect = rule('effect');
const cause = rule('cause');
const deeper = rule('deeper');
const quiet = { stopsFlow: false } as const;
const base = { missed: [] as readonly MissedLook[], flow: 'fails' as const };
const ids = (findings: readonly { readonly rule: string }[]) => findings.map((one) => one.rule);

describe('cause and consequence', () => {
  test('a cause withholds what the effect lacks, and not another of its kind', () => {
    const judged: JudgedFinding[] = [
      { rule: effect, finding: rawFinding({ lacks: [profile('kns.a')] }) },
      {
        rule: cause,
        finding: rawFinding({ ...quiet, withholds: [profile('kns.ab'), anyOf('profile', 'ksa.'), anyOf('tunnel')] }),
      },
    ];
    expect(explain(judged).map((one) => one.cause)).toEqual([null, null]);
  });

  test('a quiet cause of a stopping effect is the root, the effect its consequence', () => {
    const verdict = judge({
      ...base,
      evaluations: [
        failing(effect, rawFinding({ lacks: [profile('kns.a')] })),
        failing(cause, rawFinding({ ...quiet, withholds: [anyOf('profile', 'kns.')] })),
      ],
    });
    expect([
      ids(verdict.roots),
      ids(verdict.consequences),
      verdict.consequences[0]?.because,
      ids(verdict.latent),
    ]).toEqual([['cause'], ['effect'], { id: 'f1', rule: 'cause' }, []]);
  });

  test('a chain of causes ends at the deepest', () => {
    const judged: JudgedFinding[] = [
      { rule: effect, finding: rawFinding({ lacks: [tunnel('a')] }) },
      { rule: cause, finding: rawFinding({ ...quiet, withholds: [tunnel('a')], lacks: [felixOf('a')] }) },
      { rule: deeper, finding: rawFinding({ ...quiet, withholds: [felixOf('a')] }) },
    ];
    const explained = explain(judged);
    const [first] = explained;
    if (!first) throw new Error('nothing was explained');
    expect(rootOf(first, explained).rule.id).toBe('deeper');
  });

  test('a cause that explains nothing here is latent, beside the root that stops the flow', () => {
    const verdict = judge({
      ...base,
      evaluations: [
        failing(cause, rawFinding({ ...quiet, withholds: [anyOf('profile')] })),
        failing(rule('policy'), rawFinding()),
      ],
    });
    expect([verdict.verdict, ids(verdict.roots), ids(verdict.latent)]).toEqual(['fault', ['policy'], ['cause']]);
  });

  test('what is true and does not stop a flow that was seen to work is never called its reason', () => {
    const verdict = judge({ ...base, flow: 'works', evaluations: [failing(rule('policy'), rawFinding())] });
    expect([verdict.verdict, ids(verdict.roots), ids(verdict.latent)]).toEqual(['fault', [], ['policy']]);
  });
});

const because = (lacking: Partial<AnyFinding>, ...others: readonly JudgedFinding[]) =>
  explain([{ rule: effect, finding: rawFinding(lacking) }, ...others])[0]?.cause?.rule.id;
const withholding = (id: string, ...withholds: NonNullable<AnyFinding['withholds']>): JudgedFinding => ({
  rule: rule(id),
  finding: rawFinding({ withholds }),
});
const inStep = (id: string, step: StepId) => ({ ...withholding(id, felixOf('n1')), rule: rule(id, step) });
const numbering = (verdict: ReturnType<typeof judge>) =>
  [...verdict.roots, ...verdict.consequences, ...verdict.latent].map(({ id, rule: of }) => [id, of]);

describe('where several could be the cause', () => {
  const [far, near] = [withholding('far', felixOf('n1')), withholding('near', podInterface('n1', 'cali1'))];
  test('the nearest of what it lacks comes first, whatever the order of the causes', () => {
    const lacks = [podInterface('n1', 'cali1'), felixOf('n1')];
    expect([
      because({ lacks }, far, near),
      because({ lacks }, near, far),
      because({ lacks: lacks.toReversed() }, near, far),
    ]).toEqual(['near', 'near', 'far']);
  });
  test('what withholds this very resource comes before what withholds any of its kind', () => {
    expect(because({ lacks: [felixOf('n1')] }, withholding('any', anyOf('felix')), far)).toBe('far');
  });
  test('then the order of the steps, and of the rules in each', () => {
    const [late, early] = [inStep('late', 'controller'), inStep('early', 'target')];
    const verdict = judge({
      ...base,
      evaluations: [
        failing(late.rule, late.finding),
        failing(effect, rawFinding({ lacks: [felixOf('n1')] })),
        failing(early.rule, early.finding),
        failing(far.rule, far.finding),
      ],
    });
    expect([verdict.consequences[0]?.because, ids(verdict.roots)]).toEqual([
      { id: 'f1', rule: 'early' },
      ['early', 'far', 'late'],
    ]);
  });
});

describe('a finding has an id', () => {
  const evaluations = [
    failing(effect, rawFinding({ lacks: [felixOf('n2')] }), rawFinding({ lacks: [felixOf('n1')] })),
    failing(
      cause,
      rawFinding({ ...quiet, withholds: [felixOf('n1')] }),
      rawFinding({ ...quiet, withholds: [felixOf('n2')] }),
    ),
    failing(deeper, rawFinding(quiet)),
  ];
  test('roots, consequences and latent findings are numbered through, and a consequence names its own', () => {
    const { roots, consequences, latent } = judge({ ...base, evaluations });
    expect([...roots, ...consequences, ...latent].map(({ id }) => id)).toEqual(['f1', 'f2', 'f3', 'f4', 'f5']);
    expect(consequences.map(({ because }) => because.id)).toEqual(['f2', 'f1']);
  });
  test('the same whatever settles first', () => {
    const ordered = [
      failing(rule('a', 'target'), rawFinding()),
      failing(rule('b', 'routes'), rawFinding()),
      failing(rule('c', 'felix'), rawFinding()),
    ];
    expect(numbering(judge({ ...base, evaluations: ordered.toReversed() }))).toEqual(
      numbering(judge({ ...base, evaluations: ordered })),
    );
  });
});

test('a resource is spelt by its kind and its names', () => {
  expect(
    [podInterface('n1', 'cali1'), profile('kns.a'), anyOf('profile', 'kns.'), anyOf('tunnel')].map(resourceKey),
  ).toEqual(['interface:n1/cali1', 'profile:kns.a', 'profile:kns.*', 'tunnel:*']);
  expect([
    matchOf(tunnel('n1'), tunnel('n1')),
    matchOf(tunnel('n1'), tunnel('n2')),
    matchOf(tunnel('n1'), felixOf('n1')),
    matchOf(anyOf('tunnel', 'n'), tunnel('n1')),
  ]).toEqual(['this', null, null, 'any']);
});

const missed: MissedLook = {
  probe: 'p',
  node: 'n',
  key: 'pod',
  fact: unavailable('ssh-refused', 'no'),
  behind: [],
};

const passing = { rule: effect, outcome: { outcome: 'pass', by: 'x' }, missing: [] } as const;

describe('unknown is never healthy', () => {
  test.each([
    ['the flow works and everything was seen', 'works', [], 'healthy'],
    ['the flow was not tried', 'unknown', [], 'inconclusive'],
    ['the flow fails and nothing explains it', 'fails', [], 'inconclusive'],
    ['an essential fact is missing', 'works', ['pod'], 'inconclusive'],
  ] as const)('%s', (_, flow, missedEssentials, expected) => {
    expect(judge({ evaluations: [passing], missed: [], missedEssentials, flow }).verdict).toBe(expected);
  });
  test('a fact beside the flow is missing: healthy', () => {
    expect(judge({ evaluations: [passing], missed: [missed], flow: 'works' }).verdict).toBe('healthy');
  });
  test('no rule passed: inconclusive, also where the flow works', () => {
    const outcome = { outcome: 'not-applicable', why: 'x' } as const;
    for (const evaluations of [[], [{ rule: effect, outcome, missing: [] }]]) {
      expect(judge({ evaluations, missed: [], flow: 'works' }).verdict).toBe('inconclusive');
    }
  });
  test('a rule that broke is no pass', () => {
    expect(
      judge({
        ...base,
        flow: 'works',
        evaluations: [{ rule: effect, outcome: { outcome: 'errored', why: 'x' }, missing: [] }],
      }).verdict,
    ).toBe('inconclusive');
  });
});

describe('the registered rules', () => {
  test('ids are unique and every placeholder of a message is spelt as data keys are', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    for (const { messages } of rules)
      for (const { title, detail } of Object.values(messages))
        expect(`${title}${detail}`.replaceAll(/\{[a-zA-Z]+\}/g, '')).not.toMatch(/[{}]/);
  });
});
