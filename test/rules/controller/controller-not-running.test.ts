import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Deployment } from '../../../src/model/kubernetes.ts';
import { controllerNotRunning as rule } from '../../../src/rules/controller/controller-not-running.ts';
import { blind, captured, changed, judged, valueOf, type Facts } from '../../support/facts.ts';

const deployment = (replicas: number): Deployment => ({ metadata: { name: 'calico-kube-controllers', namespace: 'kube-system' }, spec: { replicas, template: { spec: { containers: [] } } } });
const stopped = ['stopped Controller kube-system/calico-kube-controllers @- read'];
let facts: Facts;
let none: Facts;
beforeAll(async () => {
  facts = await captured('healthy-legacy');
  none = changed(facts, { controller: { ...valueOf(facts, 'controller'), pods: [], deployment: null } });
});
const withDeployment = (replicas: number) => changed(none, { controller: { ...valueOf(none, 'controller'), deployment: deployment(replicas) } });

describe('fails', () => {
  test.each([0, 1])('its deployment asks for %d and none runs', async (replicas) => {
    expect(await judged(rule, withDeployment(replicas))).toEqual(stopped);
  });
  test('there is none at all, and etcd needs one', async () => {
    expect(await judged(rule, none)).toEqual(stopped);
  });
  test('its only pod is Pending, or being deleted', async () => {
    const controller = valueOf(facts, 'controller');
    for (const change of [{ status: { phase: 'Pending' } }, { metadata: { name: 'x', deletionTimestamp: 'now' } }]) {
      expect(await judged(rule, changed(facts, { controller: { ...controller, pods: controller.pods.map((pod) => ({ ...pod, ...change })) } }))).toEqual(stopped);
    }
  });
  test('a deployment that should run, whatever the datastore', async () => {
    expect(await judged(rule, changed(withDeployment(1), { datastore: { ...valueOf(facts, 'datastore'), kind: 'kubernetes' } }))).toEqual(stopped);
    expect(await judged(rule, blind(withDeployment(1), ['datastore']))).toEqual(stopped);
  });
});

test('passes with a running pod', async () => {
  expect(await judged(rule, facts)).toBe('pass');
});
test('does not apply with the Kubernetes datastore and no controller', async () => {
  expect(await judged(rule, changed(none, { datastore: { ...valueOf(facts, 'datastore'), kind: 'kubernetes' } }))).toBe('not-applicable');
});
test('inconclusive: none is there, and whether one is needed is not known', async () => {
  expect(await judged(rule, blind(none, ['datastore']))).toBe('inconclusive');
  expect(await judged(rule, changed(none, { datastore: { ...valueOf(facts, 'datastore'), kind: null } }))).toBe('inconclusive');
  expect(await judged(rule, blind(facts, ['controller'], 'api-unreachable'))).toBe('inconclusive');
});
