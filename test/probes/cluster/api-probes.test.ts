import { describe, expect, test } from '@jest/globals';
import type { Controller, Datastore } from '../../../src/model/control-plane.ts';
import type { FactKey } from '../../../src/model/facts.ts';
import type { Pod } from '../../../src/model/kubernetes.ts';
import type { Probe } from '../../../src/model/probe.ts';
import { apiServer } from '../../../src/probes/cluster/api-server.ts';
import { calicoNodeAccess } from '../../../src/probes/cluster/calico-node-access.ts';
import { clusterNodes } from '../../../src/probes/cluster/cluster-nodes.ts';
import { controllerAccess } from '../../../src/probes/cluster/controller-access.ts';
import { controllerLog } from '../../../src/probes/cluster/controller-log.ts';
import { controllerRoles } from '../../../src/probes/cluster/controller-roles.ts';
import { felixLog } from '../../../src/probes/cluster/felix-log.ts';
import { namespace } from '../../../src/probes/cluster/namespace.ts';
import { pod } from '../../../src/probes/cluster/pod.ts';
import { aPod, codeOf, probing, type ApiScript } from '../scripted.ts';

const system = (name: string, phase = 'Running'): Pod => ({
  metadata: { name, namespace: 'kube-system', labels: { 'k8s-app': name } },
  spec: {
    nodeName: 'n1',
    serviceAccountName: name,
    containers: [{ name, env: [{ name: 'ENABLED_CONTROLLERS', value: 'policy, namespace' }] }],
  },
  status: { phase },
});
const aController: Controller = {
  name: 'calico-kube-controllers',
  namespace: 'kube-system',
  deployment: null,
  pods: [system('calico-kube-controllers')],
  account: { namespace: 'kube-system', name: 'calico-kube-controllers' },
  enabledControllers: ['namespace'],
  strangers: [],
};
const kdd: Datastore = {
  node: 'n1',
  kind: 'kubernetes',
  reachable: true,
  error: null,
  clientVersion: null,
  clusterVersion: null,
  state: 'ready',
};
const facts = { controller: aController, datastore: kdd };

const felixAccess = (kind: Datastore['kind'], api: ApiScript = {}) =>
  probing(calicoNodeAccess, {
    facts: { ...facts, datastore: { ...kdd, kind } },
    api: { 'read Deployment': 404, ...api },
  }).fact('calico-node-access');

describe('what the API server would not, or could not, say', () => {
  test.each<[string, Probe, FactKey, string]>([
    ['pod', pod, 'pod', 'read Pod'],
    ['cluster-nodes', clusterNodes, 'nodes', 'list Node'],
    ['namespace', namespace, 'namespace', 'read Namespace'],
  ])('%s', async (_, probe, key, request) => {
    expect(codeOf(await probing(probe, { api: { [request]: null } }).fact(key))).toBe('api-unreachable');
    expect(codeOf(await probing(probe, { api: { [request]: 403 } }).fact(key))).toBe('api-forbidden');
    expect(codeOf(await probing(probe, { api: { [request]: 401 } }).fact(key))).toBe('api-forbidden');
    expect(codeOf(await probing(probe, { api: { [request]: 404 } }).fact(key))).toBe('api-not-found');
    expect(codeOf(await probing(probe, { api: { [request]: 500 } }).fact(key))).toBe('command-failed');
  });
  test('a refusal is an answer of the server; silence is none', async () => {
    expect(codeOf(await probing(apiServer, { api: { 'read Namespace': 403 } }).fact('api-server'))).toBe('observed');
    expect(codeOf(await probing(apiServer, { api: { 'read Namespace': null } }).fact('api-server'))).toBe(
      'api-unreachable',
    );
  });
});

describe('its rights', () => {
  const allowed = { allowed: true };
  test('one review a verb, of what its enabled controllers need', async () => {
    expect(
      await probing(controllerAccess, {
        facts,
        api: { 'review list namespaces': allowed, 'review watch namespaces': { allowed: false } },
      }).fact('controller-access'),
    ).toMatchObject({
      value: [
        { verb: 'list', allowed: true, user: 'system:serviceaccount:kube-system:calico-kube-controllers' },
        { verb: 'watch', allowed: false },
      ],
    });
  });
  test('the policy controller of Calico 2.x needs what it lists, and no account of another', async () => {
    const old = { ...aController, name: 'calico-policy-controller', enabledControllers: null };
    const resources = ['namespaces', 'pods', 'networkpolicies'];
    const api = Object.fromEntries(
      resources.flatMap((one) => ['list', 'watch'].map((verb) => [`review ${verb} ${one}`, allowed])),
    );
    const read = await probing(controllerAccess, { facts: { ...facts, controller: old }, api }).fact(
      'controller-access',
    );
    expect(read).toMatchObject({
      value: expect.arrayContaining([
        expect.objectContaining({ group: 'extensions', resource: 'networkpolicies', verb: 'list' }),
      ]),
    });
  });
  test('one review that was not answered, and none counts', async () => {
    expect(
      codeOf(
        await probing(controllerAccess, {
          facts,
          api: { 'review list namespaces': allowed, 'review watch namespaces': 403 },
        }).fact('controller-access'),
      ),
    ).toBe('api-forbidden');
  });
  test('who else uses its account is known, or the whole is not', async () => {
    const api = {
      'read ClusterRole': 404,
      'list ClusterRoleBinding': [],
      'list Pod': [
        system('calico-kube-controllers'),
        { ...system('other'), spec: system('calico-kube-controllers').spec },
      ],
    };
    expect(await probing(controllerRoles, { facts, api }).fact('controller-roles')).toMatchObject({
      value: { role: null, binding: null, otherUsers: ['kube-system/other'] },
    });
    expect(
      codeOf(await probing(controllerRoles, { facts, api: { ...api, 'list Pod': 403 } }).fact('controller-roles')),
    ).toBe('api-forbidden');
    expect(
      codeOf(
        await probing(controllerRoles, { facts, api: { ...api, 'read ClusterRole': 403 } }).fact('controller-roles'),
      ),
    ).toBe('api-forbidden');
    expect(
      codeOf(
        await probing(controllerRoles, { facts, api: { ...api, 'list ClusterRoleBinding': null } }).fact(
          'controller-roles',
        ),
      ),
    ).toBe('api-unreachable');
  });
});

describe("Felix's rights", () => {
  test("nothing to look at with etcd; unknown where the datastore's kind is", async () => {
    expect([codeOf(await felixAccess('etcdv3')), codeOf(await felixAccess(null))]).toEqual([
      'not-applicable',
      'not-supported',
    ]);
  });
  test('no calico-node on the node', async () => {
    expect(codeOf(await felixAccess('kubernetes', { 'read DaemonSet': 404 }))).toBe('api-not-found');
    expect(codeOf(await felixAccess('kubernetes', { 'read DaemonSet': null, 'read Namespace': null }))).toBe(
      'api-unreachable',
    );
  });
});

describe('logs', () => {
  test("the controller's, where one runs", async () => {
    expect(codeOf(await probing(controllerLog, { facts, api: { log: null } }).fact('controller-log'))).toBe(
      'api-unreachable',
    );
    expect(
      codeOf(
        await probing(controllerLog, { facts: { controller: { ...aController, pods: [] } } }).fact('controller-log'),
      ),
    ).toBe('not-applicable');
  });
});

test('a pod on no node yet has no node to look at', async () => {
  const { nodeName: _, ...spec } = aPod.spec;
  expect(codeOf(await probing(felixLog, { facts: { pod: { ...aPod, spec } } }).fact('felix-log@target'))).toBe(
    'not-applicable',
  );
});
