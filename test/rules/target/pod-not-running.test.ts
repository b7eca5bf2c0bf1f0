import type { Pod } from '../../../src/model/kubernetes.ts';
import { podNotRunning as rule } from '../../../src/rules/target/pod-not-running.ts';
import { blind, captured, changed, valueOf } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const withStatus = (status: Pod['status'], metadata: Partial<Pod['metadata']> = {}) => {
  const pod = valueOf(facts, 'pod');
  return changed(facts, {
    pod: { ...pod, metadata: { ...pod.metadata, ...metadata }, status: { ...pod.status, ...status } },
  });
};

testRule(rule, {
  lab: 'cni-unauthorized',
  rows: [
    ...([['Failed'], ['Succeeded'], ['Unknown']] as const).map(([phase]): RuleRow => [
      `fails: ${phase}`,
      () => withStatus({ phase }),
      ['notRunning Pod default/mypod @n1 read stops'],
    ]),
    [
      'fails: Pending',
      () => withStatus({ phase: 'Pending' }),
      [
        {
          finding: 'notRunning Pod default/mypod @n1 read stops',
          lacks: ['podStart:default/mypod', 'cni:n1', 'kubelet:n1'],
        },
      ],
    ],
    ...(
      [
        ['ContainerCreating', ['cni:n1']],
        ['CreateContainerConfigError', []],
      ] as const
    ).map(([reason, network]): RuleRow => [
      `fails: Pending, and a container waits: ${reason}`,
      () =>
        withStatus({
          phase: 'Pending',
          containerStatuses: [{ name: 'main', ready: false, restartCount: 0, state: { waiting: { reason } } }],
        }),
      [
        {
          finding: 'notRunning Pod default/mypod @n1 read stops',
          lacks: ['podStart:default/mypod', ...network, 'kubelet:n1'],
        },
      ],
    ]),
    [
      'fails: Running, but being deleted',
      () => withStatus({}, { deletionTimestamp: '2026-11-23T18:00:00Z' }),
      [
        {
          finding: 'notRunning Pod default/mypod @n1 read stops',
          lacks: ['podStart:default/mypod', 'kubelet:n1'],
          withholds: ['pod:default/mypod'],
        },
      ],
    ],
    [
      'fails: Running, but a container crash-loops',
      () =>
        withStatus({
          containerStatuses: [
            { name: 'main', ready: false, restartCount: 9, state: { waiting: { reason: 'CrashLoopBackOff' } } },
          ],
        }),
      ['notRunning Pod default/mypod @n1 read stops'],
    ],
    [
      'fails: a container crash-loops beside one that runs, which may be the one that serves',
      () =>
        withStatus({
          containerStatuses: [
            { name: 'main', ready: true, restartCount: 0, state: { running: {} } },
            { name: 'logs', ready: false, restartCount: 9, state: { waiting: { reason: 'CrashLoopBackOff' } } },
          ],
        }),
      [{ finding: 'notRunning Pod default/mypod @n1 read', withholds: ['pod:default/mypod'] }],
    ],
    [
      'fails: no status at all yet',
      () => {
        const { status: _, ...pod } = valueOf(facts, 'pod');
        return changed(facts, { pod });
      },
      ['notRunning Pod default/mypod @n1 read stops'],
    ],
    ['passes: Running, also right after a restart (1)', () => facts, 'pass'],
    [
      'passes: Running, also right after a restart (2)',
      () => withStatus({ containerStatuses: [{ name: 'main', ready: true, restartCount: 1, state: { running: {} } }] }),
      'pass',
    ],
    ['inconclusive: nobody could say', () => blind(facts, ['pod'], 'api-unreachable'), 'inconclusive'],
  ],
});
