import { describe, expect, test } from '@jest/globals';
import { observed } from '../../src/model/evidence.ts';
import { defineRule, fail, pass } from '../../src/model/rule.ts';
import type { Facts } from './facts.ts';
import {
  contradicted,
  headed,
  repeated,
  runRow,
  testRule,
  unfit,
  unread,
  unsaid,
  withoutFault,
  type Coverage,
} from './rule-tester.ts';

const meta = {
  description: '',
  step: 'filter',
  messages: { lost: { title: 'Lost {what}', detail: '' }, late: { title: 'Late', detail: '' } },
} as const;
const found = {
  data: { what: 'it' },
  subject: { kind: 'Pod', name: 'x' },
  node: 'n1',
  proof: 'read',
  evidence: [],
  stopsFlow: true,
} as const;
const namespace = (name: string): Facts => ({
  namespace: observed({ metadata: { name, labels: {} } }),
  'controller-log': observed(['a line']),
});
const there = () => namespace('x');
const fresh = (): Coverage => ({
  inputs: new Set(),
  messages: new Set(),
  offers: [],
  holes: new Set(),
  rows: new Map(),
});

const reader = defineRule({
  ...meta,
  id: 'pod-route-missing',
  requires: ['namespace'],
  considers: ['controller-log'],
  judge: ({ namespace: { metadata } }, { 'controller-log': log }) => {
    if (metadata.name === 'gone') return fail({ message: 'lost', ...found });
    return log.status === 'observed' && metadata.name === 'slow' ? fail({ message: 'late', ...found }) : pass('there');
  },
});
testRule(reader, {
  lab: 'pod-route-missing',
  rows: [
    ['a finding by its words', () => namespace('gone'), ['lost Pod x @n1 read stops']],
    [
      'and by its data',
      () => namespace('slow'),
      [{ finding: 'late Pod x @n1 read stops', data: { what: 'it' }, lacks: [], withholds: [] }],
    ],
    ['no finding', () => namespace('there'), 'pass'],
    ['a fact that is not given is a blind spot', () => ({}), 'inconclusive'],
  ],
});

describe('refuses', () => {
  const input = { accountNamespace: 'a', accountName: 'b', missing: [{ group: '', resource: 'pods', verb: 'get' }] };
  test.each<[string, readonly unknown[], string | null]>([
    ['a fix that no row makes the rule offer', [], 'no row makes the rule offer grant-controller-rbac'],
    ['an offer that the fix does not take', [{ ...input, missing: [] }], 'does not take what the rule offers'],
    ['an offer of more than the fix takes', [{ ...input, role: 'x' }], 'does not take what the rule offers'],
    ['nothing that the fix takes', [input], null],
  ])('%s', (_, offers, problem) => {
    const rule = defineRule({ ...meta, id: 'r', requires: [], fix: 'grant-controller-rbac', judge: () => pass('') });
    const said = unfit(rule, { ...fresh(), offers: [...offers] });
    expect(said).toEqual(problem === null ? [] : [expect.stringContaining(problem)]);
  });
  test('an input that no row makes the rule read', async () => {
    const blindRule = defineRule({
      ...meta,
      id: 'r',
      requires: ['namespace'],
      considers: ['controller-log'],
      judge: () => pass(''),
    });
    const coverage = fresh();
    await runRow(blindRule, 'row', namespace('x'), coverage);
    expect(unread(blindRule, coverage)).toEqual([
      'no row makes the rule read namespace, which it declares',
      'no row makes the rule read controller-log, which it declares',
    ]);
  });
  test('evidence counts as reading', async () => {
    const citing = defineRule({
      ...meta,
      id: 'r',
      requires: [],
      considers: ['controller-log'],
      judge: (_facts, _considered, evidence) => pass(String(evidence('controller-log').length)),
    });
    const coverage = fresh();
    await runRow(citing, 'row', namespace('x'), coverage);
    expect(unread(citing, coverage)).toEqual([]);
  });
  test('a message that no row reaches', async () => {
    const coverage = fresh();
    await runRow(reader, 'row', namespace('gone'), coverage);
    expect(unsaid(reader, coverage)).toEqual(['no row makes the rule say "late"']);
  });
  test('the same facts in two rows', async () => {
    const coverage = fresh();
    for (const title of ['one', 'two']) await runRow(reader, title, namespace('x'), coverage);
    await runRow(reader, 'three', namespace('y'), coverage);
    expect(repeated(coverage)).toEqual(['the same facts stand in several rows: one | two']);
  });
  test('a title that begins with another outcome', () => {
    expect(
      contradicted([
        ['fails: it is gone', there, []],
        ['it is there', there, 'pass'],
        ['does not apply to it', there, 'not-applicable'],
        ['passes: it is there', there, 'inconclusive'],
      ]),
    ).toEqual(['the title of a row says "passes", and the row expects "inconclusive": passes: it is there']);
  });
  test('a rule that changes its facts', async () => {
    const meddling = defineRule({
      ...meta,
      id: 'r',
      requires: ['namespace'],
      judge: ({ namespace: { metadata } }) => {
        (metadata.labels as Record<string, string>)['x'] = 'y';
        return pass('');
      },
    });
    expect(await runRow(meddling, 'row', namespace('x'), fresh())).toMatchObject({
      outcome: 'errored',
      why: expect.stringContaining('not extensible'),
    });
  });
  test('a message whose placeholder has no value', async () => {
    const gap = defineRule({
      ...meta,
      id: 'r',
      requires: ['namespace'],
      judge: () => fail({ message: 'lost', ...found, data: {} }),
    });
    await expect(runRow(gap, 'row', namespace('x'), fresh())).rejects.toThrow('no value for {what}');
  });
  test('a rule without a fault in the lab and without a reason', () => {
    expect([withoutFault(reader, 'pod-route-missing'), withoutFault(reader, { none: 'a reason' })]).toEqual([
      null,
      null,
    ]);
    expect([
      withoutFault(reader, { none: ' ' }),
      withoutFault(reader, 'no-such'),
      withoutFault(reader, 'ipip-blocked'),
    ]).toEqual([
      'pod-route-missing has no fault in the lab, and no reason',
      'the lab has no fault no-such',
      'the fault ipip-blocked is not about pod-route-missing',
    ]);
  });
});

test('a title begins with what the row expects', () => {
  expect([headed('it is gone', []), headed('passes with one', 'pass'), headed('nobody saw', 'inconclusive')]).toEqual([
    'fails: it is gone',
    'passes with one',
    'inconclusive: nobody saw',
  ]);
});
