import type { ContainerStatus, Pod } from '../../../src/model/kubernetes.ts';
import { containerKilledForMemory as rule } from '../../../src/rules/target/container-killed-for-memory.ts';
import { blind, captured, changed, valueOf } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const healthy = valueOf(facts, 'pod');
const proxy: ContainerStatus = { name: 'proxy', ready: true, restartCount: 0, state: { running: {} } };
const looping = (reason: string, name = 'main'): ContainerStatus => ({
  name,
  ready: false,
  restartCount: 7,
  state: { waiting: { reason: 'CrashLoopBackOff' } },
  lastState: { terminated: { reason, exitCode: 137 } },
});
const ended = (reason: string): ContainerStatus => ({
  name: 'main',
  ready: false,
  restartCount: 1,
  state: { terminated: { reason, exitCode: 137 } },
});
const withContainers = (...containerStatuses: readonly ContainerStatus[]) =>
  changed(facts, { pod: { ...healthy, status: { ...healthy.status, containerStatuses } } });
const stops = 'killed Pod default/mypod @n1 read stops';

testRule(rule, {
  lab: 'container-killed-for-memory',
  rows: [
    [
      'fails: it crash-loops, and was killed the last time',
      () => withContainers(looping('OOMKilled')),
      [{ finding: stops, withholds: ['podStart:default/mypod', 'pod:default/mypod'] }],
    ],
    ['fails: it was just killed', () => withContainers(ended('OOMKilled')), [stops]],
    [
      'fails, and alone stops nothing: another container runs',
      () => withContainers(proxy, looping('OOMKilled')),
      [{ finding: 'killed Pod default/mypod @n1 read', withholds: ['podStart:default/mypod', 'pod:default/mypod'] }],
    ],
    ['does not apply: it crash-loops by itself', () => withContainers(looping('Error')), 'not-applicable'],
    [
      'does not apply: another container crash-loops first, by itself',
      () => withContainers(looping('Error', 'proxy'), looping('OOMKilled')),
      'not-applicable',
    ],
    ['does not apply: it ended by itself', () => withContainers(ended('Completed')), 'not-applicable'],
    [
      'does not apply: it was killed once, and runs again',
      () => withContainers({ ...proxy, restartCount: 1, lastState: { terminated: { reason: 'OOMKilled' } } }),
      'not-applicable',
    ],
    ['does not apply: the pod runs', () => facts, 'not-applicable'],
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
