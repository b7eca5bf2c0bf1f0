import { podFinished as rule } from '../../../src/rules/target/pod-finished.ts';
import { blind, captured, changed, valueOf } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const healthy = valueOf(facts, 'pod');
const ended = (status: { readonly phase: string; readonly reason?: string }, deletionTimestamp?: string) =>
  changed(facts, {
    pod: {
      ...healthy,
      status,
      metadata: { ...healthy.metadata, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
    },
  });

testRule(rule, {
  lab: 'pod-finished',
  rows: [
    [
      'fails: its containers ended with success',
      () => ended({ phase: 'Succeeded' }),
      [
        {
          finding: 'succeeded Pod default/mypod @n1 read stops',
          withholds: ['podStart:default/mypod', 'pod:default/mypod'],
        },
      ],
    ],
    [
      'fails: its time was over',
      () => ended({ phase: 'Failed', reason: 'DeadlineExceeded' }),
      ['deadline Pod default/mypod @n1 read stops'],
    ],
    ['does not apply: it runs', () => facts, 'not-applicable'],
    ['does not apply: it failed', () => ended({ phase: 'Failed' }), 'not-applicable'],
    ['does not apply: its node evicted it', () => ended({ phase: 'Failed', reason: 'Evicted' }), 'not-applicable'],
    [
      'does not apply: it is being deleted',
      () => ended({ phase: 'Succeeded' }, '2026-11-23T18:00:00Z'),
      'not-applicable',
    ],
    ['inconclusive: nobody could say', () => blind(facts, ['pod'], 'api-unreachable'), 'inconclusive'],
  ],
});
