import type { Pod } from '../../../src/model/kubernetes.ts';
import { containerNotCreated as rule } from '../../../src/rules/target/container-not-created.ts';
import { blind, captured, changed, valueOf } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const healthy = valueOf(facts, 'pod');
const waiting = (reason: string) => ({
  name: 'main',
  ready: false,
  restartCount: 0,
  state: { waiting: { reason, message: 'configmap "web" not found' } },
});
const withStatus = (status: Pod['status']) =>
  changed(facts, { pod: { ...healthy, status: { ...healthy.status, ...status } } });
const pending = (reason: string) => withStatus({ phase: 'Pending', containerStatuses: [waiting(reason)] });

testRule(rule, {
  lab: 'container-not-created',
  rows: [
    [
      'fails: a ConfigMap or Secret is not there',
      () => pending('CreateContainerConfigError'),
      [
        {
          finding: 'configuration Pod default/mypod @n1 read stops',
          withholds: ['podStart:default/mypod', 'pod:default/mypod'],
        },
      ],
    ],
    [
      'fails: the container runtime refuses it',
      () => pending('CreateContainerError'),
      ['refused Pod default/mypod @n1 read stops'],
    ],
    [
      'fails: the container runtime does not start it',
      () => pending('RunContainerError'),
      ['refused Pod default/mypod @n1 read stops'],
    ],
    [
      'fails, and alone stops nothing: another container runs',
      () =>
        withStatus({
          phase: 'Running',
          containerStatuses: [
            waiting('CreateContainerConfigError'),
            { name: 'proxy', ready: true, restartCount: 0, state: { running: {} } },
          ],
        }),
      [
        {
          finding: 'configuration Pod default/mypod @n1 read',
          withholds: ['podStart:default/mypod', 'pod:default/mypod'],
        },
      ],
    ],
    ['does not apply: the pod runs', () => facts, 'not-applicable'],
    ['does not apply: it waits for its network', () => pending('ContainerCreating'), 'not-applicable'],
    ['does not apply: it waits for its image', () => pending('ImagePullBackOff'), 'not-applicable'],
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
