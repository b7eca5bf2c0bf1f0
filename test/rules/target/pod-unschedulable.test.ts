import type { Pod } from '../../../src/model/kubernetes.ts';
import { podUnschedulable as rule } from '../../../src/rules/target/pod-unschedulable.ts';
import { blind, captured, changed, valueOf } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const healthy = valueOf(facts, 'pod');
const { nodeName: _, ...nowhere } = healthy.spec;
const waiting = (
  reason: string | undefined,
  { status = 'False', ...more }: { status?: string; phase?: string } = {},
  metadata: Partial<Pod['metadata']> = {},
) =>
  changed(facts, {
    pod: {
      ...healthy,
      metadata: { ...healthy.metadata, ...metadata },
      spec: nowhere,
      status: {
        phase: 'Pending',
        ...more,
        conditions: [
          {
            type: 'PodScheduled',
            status,
            message: '0/3 nodes are available: 3 Insufficient memory.',
            ...(reason === undefined ? {} : { reason }),
          },
        ],
      },
    },
  });

testRule(rule, {
  lab: 'pod-unschedulable',
  rows: [
    [
      'fails: no node takes it',
      () => waiting('Unschedulable'),
      [
        {
          finding: 'noNode Pod default/mypod @- read stops',
          withholds: ['podStart:default/mypod', 'pod:default/mypod'],
        },
      ],
    ],
    ['fails: a gate holds it back', () => waiting('SchedulingGated'), ['gated Pod default/mypod @- read stops']],
    ['does not apply: it is on a node', () => facts, 'not-applicable'],
    ['does not apply where the scheduler failed itself', () => waiting('SchedulerError'), 'not-applicable'],
    ['does not apply without a reason', () => waiting(undefined), 'not-applicable'],
    [
      'does not apply to a pod that was just scheduled',
      () => waiting('Unschedulable', { status: 'True' }),
      'not-applicable',
    ],
    [
      'does not apply to a pod that is being deleted',
      () => waiting('Unschedulable', {}, { deletionTimestamp: '2026-11-23T18:00:00Z' }),
      'not-applicable',
    ],
    ['does not apply to a pod that has ended', () => waiting('Unschedulable', { phase: 'Failed' }), 'not-applicable'],
    [
      'does not apply before the scheduler saw it',
      () => changed(facts, { pod: { ...healthy, spec: nowhere, status: { phase: 'Pending' } } }),
      'not-applicable',
    ],
    ['inconclusive: nobody could say', () => blind(facts, ['pod'], 'api-unreachable'), 'inconclusive'],
  ],
});
