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

const ended = (reason: string, exitCode: number, name = 'main') => ({
  name,
  ready: false,
  restartCount: 0,
  state: { terminated: { reason, exitCode } },
});
const looping = (more: object) => ({
  name: 'main',
  ready: false,
  restartCount: 9,
  state: { waiting: { reason: 'CrashLoopBackOff' } },
  ...more,
});
const saying = (state: string, why: string, message = 'failed') => ({
  finding: `${message} Pod default/mypod @n1 read stops`,
  data: { namespace: 'default', pod: 'mypod', state, why },
});

testRule(rule, {
  lab: 'cni-unauthorized',
  rows: [
    ...(['Succeeded', 'Unknown'] as const).map((phase): RuleRow => [
      `fails: ${phase}`,
      () => withStatus({ phase }),
      ['notRunning Pod default/mypod @n1 read stops'],
    ]),
    ['fails: Failed, and nobody says why', () => withStatus({ phase: 'Failed' }), [saying('Failed', '')]],
    [
      'fails: Failed, as its container ended with an error and is not started again',
      () => withStatus({ phase: 'Failed', containerStatuses: [ended('Error', 1)] }),
      [saying('Failed', 'Container main ended with exit code 1.')],
    ],
    [
      'fails: Failed, as the scheduler made room for another pod',
      () =>
        withStatus({
          phase: 'Failed',
          containerStatuses: [ended('Error', 143)],
          conditions: [
            {
              type: 'DisruptionTarget',
              status: 'True',
              reason: 'PreemptionByScheduler',
              message: 'default-scheduler: preempting to accommodate a higher priority pod',
            },
          ],
        }),
      [
        saying(
          'Failed',
          'It was ended: PreemptionByScheduler: default-scheduler: preempting to accommodate a higher priority pod. ' +
            'Container main ended with exit code 143 (signal 15).',
        ),
      ],
    ],
    [
      'fails: Failed, for a reason that its status tells',
      () => withStatus({ phase: 'Failed', reason: 'SysctlForbidden', message: 'Pod was rejected: forbidden sysctl.' }),
      [saying('Failed', 'Its status says SysctlForbidden: Pod was rejected: forbidden sysctl.')],
    ],
    ...(
      [
        ['StartError', 128, 'exit code 128 (StartError)'],
        ['Error', 127, 'exit code 127 (its command is not there)'],
        ['Error', 139, 'exit code 139 (signal 11)'],
        ['Completed', 0, 'exit code 0'],
      ] as const
    ).map(([reason, exitCode, told]): RuleRow => [
      `fails: a container crash-loops, whose last run ended with ${reason} and ${exitCode}`,
      () => withStatus({ containerStatuses: [looping({ lastState: { terminated: { reason, exitCode } } })] }),
      [
        saying(
          'container main crash-loops',
          `Its last run ended with ${told}. The kubelet restarted it 9 times.`,
          'notRunning',
        ),
      ],
    ]),
    [
      'fails: between two runs, while none of its containers runs',
      () => withStatus({ containerStatuses: [ended('Completed', 0, 'helper'), ended('Error', 2)] }),
      [saying('none of its containers runs', 'Container main ended with exit code 2.', 'notRunning')],
    ],
    [
      'fails: the hook behind the start of its container fails',
      () =>
        withStatus({
          containerStatuses: [
            { name: 'main', ready: false, restartCount: 0, state: { waiting: { reason: 'PostStartHookError' } } },
          ],
        }),
      [saying('none of its containers runs', 'Container main waits: PostStartHookError.', 'notRunning')],
    ],
    [
      'fails, and alone stops nothing: a sidecar crash-loops beside the container that serves',
      () =>
        withStatus({
          initContainerStatuses: [looping({ name: 'proxy' })],
          containerStatuses: [{ name: 'main', ready: true, restartCount: 0, state: { running: {} } }],
        }),
      ['notRunning Pod default/mypod @n1 read'],
    ],
    [
      'passes: one container has done its work, and another runs',
      () =>
        withStatus({
          containerStatuses: [
            ended('Completed', 0, 'helper'),
            { name: 'main', ready: true, restartCount: 0, state: { running: {} } },
          ],
        }),
      'pass',
    ],
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
