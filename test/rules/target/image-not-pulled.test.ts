import type { Pod } from '../../../src/model/kubernetes.ts';
import { imageNotPulled as rule } from '../../../src/rules/target/image-not-pulled.ts';
import { blind, captured, changed, valueOf } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const healthy = valueOf(facts, 'pod');
const running = { name: 'proxy', ready: true, restartCount: 0, state: { running: {} } };
const waitingFor = (reason: string) => ({
  name: 'main',
  ready: false,
  restartCount: 0,
  state: { waiting: { reason, message: 'Back-off pulling image "server:2"' } },
});
const withStatus = (status: Pod['status'], spec: Partial<Pod['spec']> = {}) =>
  changed(facts, { pod: { ...healthy, spec: { ...healthy.spec, ...spec }, status: { ...healthy.status, ...status } } });
const pending = (reason: string) => withStatus({ phase: 'Pending', containerStatuses: [waitingFor(reason)] });
const stops = 'waiting Pod default/mypod @n1 read stops';

testRule(rule, {
  lab: 'image-not-pulled',
  rows: [
    [
      'fails: the registry does not have it, or does not answer',
      () => pending('ImagePullBackOff'),
      [{ finding: stops, withholds: ['podStart:default/mypod', 'pod:default/mypod'] }],
    ],
    ['fails: the first try', () => pending('ErrImagePull'), [stops]],
    ['fails: the image may not be pulled, and is not there', () => pending('ErrImageNeverPull'), [stops]],
    [
      'fails: the image of an init container',
      () => withStatus({ phase: 'Pending', initContainerStatuses: [waitingFor('ImagePullBackOff')] }),
      [stops],
    ],
    [
      'fails: after a restart, where the pod has begun to run and no container of it runs',
      () => withStatus({ phase: 'Running', containerStatuses: [waitingFor('ImagePullBackOff')] }),
      [stops],
    ],
    [
      'fails, and alone stops nothing: another container runs',
      () => withStatus({ phase: 'Running', containerStatuses: [running, waitingFor('ImagePullBackOff')] }),
      [{ finding: 'waiting Pod default/mypod @n1 read', withholds: ['podStart:default/mypod', 'pod:default/mypod'] }],
    ],
    ['does not apply: the pod runs', () => facts, 'not-applicable'],
    ['does not apply: it waits for its network', () => pending('ContainerCreating'), 'not-applicable'],
    ['does not apply: it waits for its init containers', () => pending('PodInitializing'), 'not-applicable'],
    ['does not apply: it crash-loops', () => pending('CrashLoopBackOff'), 'not-applicable'],
    ['does not apply: its configuration is not there', () => pending('CreateContainerConfigError'), 'not-applicable'],
    [
      'does not apply to a pod on no node',
      () => {
        const { nodeName: _, ...spec } = healthy.spec;
        return changed(facts, { pod: { ...healthy, spec, status: { phase: 'Pending' } } });
      },
      'not-applicable',
    ],
    ['inconclusive: nobody could say', () => blind(facts, ['pod'], 'api-unreachable'), 'inconclusive'],
  ],
});
