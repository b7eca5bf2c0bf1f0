import { nodeNotReady as rule } from '../../../src/rules/target/node-not-ready.ts';
import { blind, captured, changed, valueOf, type Facts } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const withReady = (of: Facts, name: string, status: string, reason = 'NodeStatusUnknown'): Facts =>
  changed(of, {
    nodes: valueOf(of, 'nodes').map((node) =>
      node.metadata.name === name
        ? { ...node, status: { ...node.status, conditions: [{ type: 'Ready', status, reason, message: 'a reason' }] } }
        : node,
    ),
  });
const ready = withReady(withReady(facts, 'n1', 'True'), 'n2', 'True');
const silent = withReady(ready, 'n1', 'Unknown');

testRule(rule, {
  lab: { none: 'the nodes of the lab have no kubelet that could stop reporting' },
  rows: [
    [
      'fails, and stops the flow: its kubelet does not report, and nobody reaches it',
      () => blind(silent, ['links@target'], 'timeout'),
      [
        {
          finding: 'notReady Node n1 @n1 read stops',
          data: {
            reason: 'NodeStatusUnknown',
            reach: 'It does not answer this check either: could not look (timeout).',
          },
          lacks: ['nodeAnswers:n1'],
          withholds: ['kubelet:n1'],
        },
      ],
    ],
    [
      'does not stop the flow: commands on the node still run',
      () => silent,
      [
        {
          finding: 'notReady Node n1 @n1 read',
          data: { reach: 'Commands on it still run, so this alone does not stop packets.' },
        },
      ],
    ],
    [
      'does not stop the flow: nodes are not read at all',
      () => blind(silent, ['links@target'], 'no-node-access'),
      [{ finding: 'notReady Node n1 @n1 read', data: { reach: '' } }],
    ],
    ...(['ssh-refused', 'ssh-lost', 'ssh-host-key', 'exec-refused'] as const).map((code): RuleRow => [
      `does not stop the flow: the node answered (${code})`,
      () => blind(silent, ['links@target'], code),
      [{ finding: 'notReady Node n1 @n1 read', data: { reach: '' } }],
    ]),
    [
      'does not stop the flow: what is on the way to the node answered',
      () => blind(silent, ['links@target'], 'ssh-unreachable'),
      [
        {
          finding: 'notReady Node n1 @n1 read',
          data: { reach: 'This check has no way to it: could not look (ssh-unreachable).' },
        },
      ],
    ],
    [
      'does not stop the flow: its kubelet reports, and is not ready',
      () => blind(withReady(ready, 'n1', 'False', 'KubeletNotReady'), ['links@target'], 'timeout'),
      ['notReady Node n1 @n1 read'],
    ],
    [
      'fails for the node of the source',
      () => blind(withReady(ready, 'n2', 'Unknown'), ['links@source'], 'ssh-no-answer'),
      ['notReady Node n2 @n2 read stops'],
    ],
    [
      'fails: the node is gone',
      () => changed(ready, { nodes: valueOf(ready, 'nodes').filter(({ metadata }) => metadata.name !== 'n1') }),
      [{ finding: 'gone Node n1 @n1 read stops', data: { pod: 'default/mypod' } }],
    ],
    ['passes: both are ready', () => ready, 'pass'],
    ['passes for the node of the pod, where the flow is not known', () => blind(ready, ['flow']), 'pass'],
    [
      'inconclusive: Kubernetes does not say',
      () => changed(ready, { nodes: valueOf(ready, 'nodes').map(({ metadata }) => ({ metadata, status: {} })) }),
      'inconclusive',
    ],
    ['inconclusive: the nodes are not known', () => blind(ready, ['nodes'], 'api-forbidden'), 'inconclusive'],
    [
      'does not apply to a pod that no node has',
      () => {
        const { nodeName: _none, ...spec } = valueOf(ready, 'pod').spec;
        return changed(ready, { pod: { ...valueOf(ready, 'pod'), spec } });
      },
      'not-applicable',
    ],
  ],
});
