import { describe, expect, test } from '@jest/globals';
import { explain, rootOf, type JudgedFinding } from '../../src/jobs/explain.ts';
import { judge } from '../../src/jobs/verdict.ts';
import type { Evaluation } from '../../src/jobs/evaluate.ts';
import type { RawFinding, Rule } from '../../src/model/rule.ts';
import { rules } from '../../src/rules/registry.ts';
import type { MissedLook } from '../../src/probes/gather.ts';
import { unavailable } from '../../src/model/evidence.ts';

const rule = (id: string, explainedBy: readonly string[] = []): Rule => ({
  id, description: '', step: 'filter', requires: [], explainedBy, messages: { m: { title: id, detail: '' } }, judge: () => ({ outcome: 'pass', by: '' }),
});
const finding = (over: Partial<RawFinding> = {}): RawFinding => ({ message: 'm', data: {}, subject: { kind: 'Pod', name: 'x' }, node: null, proof: 'read', evidence: [], stopsFlow: true, ...over });
const failing = (subject: Rule, ...findings: RawFinding[]): Evaluation => ({ rule: subject, outcome: { outcome: 'fail', findings }, missing: [] });

const effect = rule('effect', ['cause']);
const cause = rule('cause', ['deeper']);
const deeper = rule('deeper');
const quiet = { stopsFlow: false } as const;
const base = { missed: [] as readonly MissedLook[], flowWorks: false as boolean | null };
const ids = (findings: readonly { readonly rule: string }[]) => findings.map((one) => one.rule);

describe('cause and consequence', () => {
  test('a cause must withhold what the effect lacks: the name in explainedBy alone is not enough', () => {
    const judged: JudgedFinding[] = [{ rule: effect, finding: finding({ lacks: ['profile/kns.a'] }) }, { rule: cause, finding: finding({ ...quiet, withholds: ['policy/*'] }) }];
    expect(explain(judged).map((one) => one.cause)).toEqual([null, null]);
  });

  test('a quiet cause of a stopping effect is the root, the effect its consequence', () => {
    const verdict = judge({ ...base, evaluations: [failing(effect, finding({ lacks: ['profile/kns.a'] })), failing(cause, finding({ ...quiet, withholds: ['profile/kns.*'] }))] });
    expect([ids(verdict.roots), ids(verdict.consequences), verdict.consequences[0]?.because, ids(verdict.latent)]).toEqual([['cause'], ['effect'], 'cause', []]);
  });

  test('a chain of causes ends at the deepest', () => {
    const judged: JudgedFinding[] = [
      { rule: effect, finding: finding({ lacks: ['a'] }) },
      { rule: cause, finding: finding({ ...quiet, withholds: ['a'], lacks: ['b'] }) },
      { rule: deeper, finding: finding({ ...quiet, withholds: ['b'] }) },
    ];
    const explained = explain(judged);
    const [first] = explained;
    if (!first) throw new Error('nothing was explained');
    expect(rootOf(first, explained).rule.id).toBe('deeper');
  });

  test('a cause that explains nothing here is latent, beside the root that stops the flow', () => {
    const verdict = judge({ ...base, evaluations: [failing(cause, finding({ ...quiet, withholds: ['profile/*'] })), failing(rule('policy'), finding())] });
    expect([verdict.verdict, ids(verdict.roots), ids(verdict.latent)]).toEqual(['fault', ['policy'], ['cause']]);
  });

  test('what is true and does not stop a flow that was seen to work is never called its reason', () => {
    const verdict = judge({ ...base, flowWorks: true, evaluations: [failing(rule('policy'), finding())] });
    expect([verdict.verdict, ids(verdict.roots), ids(verdict.latent)]).toEqual(['fault', [], ['policy']]);
  });
});

const missed = (essential: boolean): MissedLook => ({ probe: 'p', essential, node: 'n', key: 'pod', fact: unavailable('ssh-refused', 'no') });

describe('unknown is never healthy', () => {
  test.each([
    ['the flow works and everything was seen', true, [], 'healthy'],
    ['the flow was not tried', null, [], 'inconclusive'],
    ['the flow fails and nothing explains it', false, [], 'inconclusive'],
    ['an essential look is missing', true, [missed(true)], 'inconclusive'],
    ['a look beside the flow is missing', true, [missed(false)], 'healthy'],
  ] as const)('%s', (_, flowWorks, missing, expected) => {
    expect(judge({ evaluations: [], missed: missing, flowWorks }).verdict).toBe(expected);
  });
  test('a rule that broke is no pass', () => {
    expect(judge({ ...base, flowWorks: true, evaluations: [{ rule: effect, outcome: { outcome: 'errored', why: 'x' }, missing: [] }] }).verdict).toBe('inconclusive');
  });
});

describe('the registered rules', () => {
  test('no rule is, by way of others, its own cause', () => {
    const byId = new Map(rules.map((one) => [one.id, one]));
    const reaches = (from: string, to: string, seen: ReadonlySet<string> = new Set()): boolean =>
      (byId.get(from)?.explainedBy ?? []).some((next) => next === to || (!seen.has(next) && reaches(next, to, new Set([...seen, next]))));
    expect(rules.filter(({ id }) => reaches(id, id)).map(({ id }) => id)).toEqual([]);
  });
  test('ids are unique and every placeholder of a message is spelt as data keys are', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    for (const { messages } of rules) for (const { title, detail } of Object.values(messages)) expect(`${title}${detail}`.replaceAll(/\{[a-zA-Z]+\}/g, '')).not.toMatch(/[{}]/);
  });
});
