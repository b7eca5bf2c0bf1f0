import type { ContainerStatus, Pod } from '../../../src/model/kubernetes.ts';
import { initContainerFailing as rule } from '../../../src/rules/target/init-container-failing.ts';
import { blind, captured, changed, valueOf } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const healthy = valueOf(facts, 'pod');
const init = (state: ContainerStatus['state'], more: Partial<ContainerStatus> = {}): ContainerStatus => ({
  name: 'wait',
  ready: false,
  restartCount: 2,
  ...(state && { state }),
  ...more,
});
const done = init({ terminated: { exitCode: 0, reason: 'Completed' } }, { name: 'first', ready: true });
const pending = (...initContainerStatuses: readonly ContainerStatus[]) =>
  changed(facts, { pod: { ...healthy, status: { ...healthy.status, phase: 'Pending', initContainerStatuses } } });
const fails = 'fails Pod default/mypod @n1 read stops';

testRule(rule, {
  lab: 'init-container-failing',
  rows: [
    [
      'fails: it crash-loops',
      () =>
        pending(
          done,
          init(
            { waiting: { reason: 'CrashLoopBackOff' } },
            { lastState: { terminated: { exitCode: 2, reason: 'Error' } } },
          ),
        ),
      [{ finding: fails, withholds: ['podStart:default/mypod', 'pod:default/mypod'] }],
    ],
    ['fails: it has just ended with an error', () => pending(init({ terminated: { exitCode: 1 } })), [fails]],
    [
      'fails: the pod has failed with it',
      () =>
        changed(facts, {
          pod: {
            ...healthy,
            status: {
              phase: 'Failed',
              initContainerStatuses: [init({ terminated: { exitCode: 137, reason: 'OOMKilled' } })],
            },
          },
        }),
      [fails],
    ],
    ['fails: how it ended is not told', () => pending(init({ waiting: { reason: 'CrashLoopBackOff' } })), [fails]],
    ['fails: it has not ended', () => pending(done, init({ running: {} })), ['runs Pod default/mypod @n1 read stops']],
    ['does not apply: the pod runs', () => facts, 'not-applicable'],
    [
      'does not apply: it has not begun',
      () => pending(init({ waiting: { reason: 'PodInitializing' } })),
      'not-applicable',
    ],
    [
      'does not apply: it waits for its image',
      () => pending(init({ waiting: { reason: 'ImagePullBackOff' } })),
      'not-applicable',
    ],
    ['does not apply: all have ended', () => pending(done), 'not-applicable'],
    [
      'does not apply: one that runs beside the pod has started',
      () => pending(init({ running: {} }, { ready: true })),
      'not-applicable',
    ],
    [
      'does not apply: the pod failed after it',
      () =>
        changed(facts, {
          pod: { ...healthy, status: { phase: 'Failed', initContainerStatuses: [init({ running: {} })] } },
        }),
      'not-applicable',
    ],
    [
      'does not apply to a pod on no node',
      () => {
        const { nodeName: _, ...spec }: Pod['spec'] = healthy.spec;
        return changed(facts, { pod: { ...healthy, spec, status: { phase: 'Pending' } } });
      },
      'not-applicable',
    ],
    ['inconclusive: nobody could say', () => blind(facts, ['pod'], 'api-unreachable'), 'inconclusive'],
  ],
});
