import { describe, expect, test } from '@jest/globals';
import { findingsOf } from '../../../src/engine/evaluate.ts';
import type { Deployment } from '../../../src/model/kubernetes.ts';
import { controllerNotRunning as rule } from '../../../src/rules/controller/controller-not-running.ts';
import { blind, captured, changed, evaluated, judged, valueOf, type Facts } from '../../support/facts.ts';
import { installed } from '../../support/installs.ts';
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

describe('offers to scale it back', () => {
  const stoppedNow = withDeployment(0);
  const offered = async (given: Facts) => {
    const [finding] = findingsOf(await evaluated(rule, given));
    return finding?.fixInput ?? finding?.noFix;
  };
  const { node, nodeAddress } = valueOf(facts, 'flow').destination;
  const input = { node, nodeAddress, namespace: 'kube-system', name: 'calico-kube-controllers' };
  test.each<[string, Facts, unknown]>([
    ["on the target's node", stoppedNow, { ...input, datastore: 'etcdv3' }],
    [
      'with the Kubernetes datastore',
      changed(stoppedNow, { datastore: { ...valueOf(facts, 'datastore'), kind: 'kubernetes' } }),
      { ...input, datastore: 'kubernetes' },
    ],
    ['not where it should run', withDeployment(1), 'its Deployment is not scaled to 0'],
    ['not where there is none', none, 'its Deployment is not scaled to 0'],
    [
      'not with a datastore that nobody read',
      blind(stoppedNow, ['datastore']),
      expect.stringContaining('where Calico'),
    ],
    ['not where no node is known', blind(stoppedNow, ['flow']), expect.stringContaining('no node of the flow')],
    [
      'not where an operator owns it',
      changed(stoppedNow, { install: installed('operator') }),
      expect.stringContaining('owns the controller'),
    ],
  ])('%s', async (_, given, button) => {
    expect(await offered(given)).toEqual(button);
  });
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
