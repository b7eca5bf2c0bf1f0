import { describe, expect, test } from '@jest/globals';
import type { Deployment } from '../../../src/model/kubernetes.ts';
import { controllerNotRunning as rule } from '../../../src/rules/controller/controller-not-running.ts';
import { blind, captured, changed, judged, valueOf } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const deployment = (replicas: number): Deployment => ({
  metadata: { name: 'calico-kube-controllers', namespace: 'kube-system' },
  spec: { replicas, template: { spec: { containers: [] } } },
});
const stopped = ['stopped Controller kube-system/calico-kube-controllers @- read'];
const facts = await captured('healthy-legacy');
const none = changed(facts, { controller: { ...valueOf(facts, 'controller'), pods: [], deployment: null } });
const withDeployment = (replicas: number) =>
  changed(none, { controller: { ...valueOf(none, 'controller'), deployment: deployment(replicas) } });

testRule(rule, {
  lab: 'controller-stopped',
  rows: [
    ...[0, 1].map((replicas): RuleRow => [
      `fails: its deployment asks for ${replicas} and none runs`,
      () => withDeployment(replicas),
      stopped,
    ]),
    ['fails: there is none at all, and etcd needs one', () => none, stopped],
    [
      'fails: a deployment that should run, whatever the datastore (1)',
      () => changed(withDeployment(1), { datastore: { ...valueOf(facts, 'datastore'), kind: 'kubernetes' } }),
      [{ finding: stopped[0] ?? '', data: { does: 'releases the addresses of nodes that are gone' } }],
    ],
    [
      'fails: a deployment that should run, whatever the datastore (2)',
      () => blind(withDeployment(1), ['datastore']),
      stopped,
    ],
    ['passes with a running pod', () => facts, 'pass'],
    [
      'does not apply with the Kubernetes datastore and no controller',
      () => changed(none, { datastore: { ...valueOf(facts, 'datastore'), kind: 'kubernetes' } }),
      'not-applicable',
    ],
    [
      'inconclusive: none is there, and whether one is needed is not known (1)',
      () => blind(none, ['datastore']),
      'inconclusive',
    ],
    [
      'inconclusive: none is there, and whether one is needed is not known (2)',
      () => changed(none, { datastore: { ...valueOf(facts, 'datastore'), kind: null } }),
      'inconclusive',
    ],
    [
      'inconclusive: none is there, and whether one is needed is not known (3)',
      () => blind(facts, ['controller'], 'api-unreachable'),
      'inconclusive',
    ],
  ],
});

describe('fails', () => {
  test('its only pod is Pending, or being deleted', async () => {
    const controller = valueOf(facts, 'controller');
    for (const change of [{ status: { phase: 'Pending' } }, { metadata: { name: 'x', deletionTimestamp: 'now' } }]) {
      expect(
        await judged(
          rule,
          changed(facts, {
            controller: { ...controller, pods: controller.pods.map((pod) => ({ ...pod, ...change })) },
          }),
        ),
      ).toEqual(stopped);
    }
  });
});
