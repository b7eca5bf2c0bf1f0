import type { ObjectMeta, Pod } from '../../../src/model/kubernetes.ts';
import { podTerminating as rule } from '../../../src/rules/target/pod-terminating.ts';
import { blind, captured, changed, valueOf } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const healthy = valueOf(facts, 'pod');
const deletionTimestamp = '2026-11-23T18:00:00Z';
const deleted = (metadata: Partial<ObjectMeta>, change: Partial<Pod> = {}) =>
  changed(facts, { pod: { ...healthy, ...change, metadata: { ...healthy.metadata, ...metadata } } });

testRule(rule, {
  lab: 'pod-terminating',
  rows: [
    [
      'fails: its containers have time until then',
      () => deleted({ deletionTimestamp }, { status: { phase: 'Running' } }),
      [
        {
          finding: 'ends Pod default/mypod @n1 read stops',
          lacks: ['kubelet:n1'],
          withholds: ['podStart:default/mypod', 'pod:default/mypod'],
        },
      ],
    ],
    [
      'fails: its containers still run: it stops the flow nonetheless',
      () => deleted({ deletionTimestamp }),
      ['ends Pod default/mypod @n1 read stops'],
    ],
    [
      'fails: finalizers keep it',
      () => deleted({ deletionTimestamp, finalizers: ['example.com/backup'] }, { status: { phase: 'Succeeded' } }),
      ['kept Pod default/mypod @n1 read stops'],
    ],
    [
      'fails: it was never on a node',
      () => {
        const { nodeName: _, ...spec } = healthy.spec;
        return deleted({ deletionTimestamp, finalizers: ['example.com/backup'] }, { spec });
      },
      [{ finding: 'kept Pod default/mypod @- read stops', lacks: [] }],
    ],
    ['does not apply: it runs', () => facts, 'not-applicable'],
    [
      'does not apply: it has a finalizer, and nobody deleted it',
      () => deleted({ finalizers: ['example.com/backup'] }),
      'not-applicable',
    ],
    ['inconclusive: nobody could say', () => blind(facts, ['pod'], 'api-unreachable'), 'inconclusive'],
  ],
});
