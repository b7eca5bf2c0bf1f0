import { describe, expect, test } from '@jest/globals';
import { neededByFelix } from '../../../src/calico/felix-rights.ts';
import { unavailable } from '../../../src/model/evidence.ts';
import type { DatastoreKind } from '../../../src/model/datastore-kind.ts';
import type { AccountRights } from '../../../src/model/felix-rights.ts';
import type { KubernetesObject } from '../../../src/model/kubernetes.ts';
import { calicoNodeAccess } from '../../../src/probes/cluster/calico-node-access.ts';
import { clusterOf } from '../cluster-of.ts';
import { codeOf, probing } from '../scripted.ts';

const agents: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'calico-node', namespace: 'kube-system', uid: 'u' },
  spec: { selector: { matchLabels: { app: 'a' } }, template: { spec: { containers: [] } } },
} as KubernetesObject;
const agent: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'calico-node-x',
    namespace: 'kube-system',
    labels: { app: 'a' },
    ownerReferences: [{ kind: 'DaemonSet', name: 'calico-node', uid: 'u', controller: true }],
  },
  spec: { nodeName: 'n1', serviceAccountName: 'calico-node', containers: [] },
  status: { phase: 'Running' },
} as KubernetesObject;
const home: DatastoreKind = { kind: 'kubernetes', api: 'crd.projectcalico.org/v1', interfacePrefix: 'cali' };
const failed = (place: string, said: string) =>
  `2026-11-26 04:56:10.726 [INFO][99] ${place} 379: Failed to perform list of current data during resync ` +
  `error=connection is unauthorized: ${said}`;
const refusal = (resource: string, group: string) =>
  `${resource}.${group} is forbidden: User "u" cannot list resource "${resource}" in API group "${group}" at the cluster scope`;
const newer = refusal('virtualmachineinstancemigrations', 'kubevirt.io');

const asked = async (log: readonly string[] | null) => {
  const fact = await probing(calicoNodeAccess, {
    cluster: {
      ...clusterOf([agents, agent]),
      accessReview: async (question) => ({
        ok: true,
        value: { ...question, allowed: question.group !== 'kubevirt.io', reason: '' },
        request: 'review',
        at: '2026-11-26T04:56:00Z',
      }),
    },
    facts: {
      'datastore-kind': home,
      'felix-log@target':
        log === null ? unavailable('api-unreachable', 'no') : { status: 'observed', value: log, evidence: [] },
    },
  }).fact('calico-node-access');
  if (fact.status === 'unavailable') return codeOf(fact);
  return fact.value.reviews
    .filter(({ resource }) => resource !== 'namespaces' && !usual.includes(resource))
    .map(({ verb, resource, allowed }) => `${verb} ${resource} ${allowed}`);
};
const usual = ['pods', 'nodes', 'serviceaccounts', 'services', 'networkpolicies', 'endpointslices'];
const both = ['list', 'watch'].map((verb) => `${verb} virtualmachineinstancemigrations false`);

test.each<[string, readonly string[] | null, readonly string[]]>([
  ['says nothing of it', ['(400 lines, none of them about a fault)'], []],
  ['could not be read', null, []],
  ['names a kind that this version needs too', [failed('felix/watchercache.go', newer)], both],
  ['names it often', Array.from({ length: 50 }, () => failed('felix/watchercache.go', newer)), both],
  ['names a kind that is asked for anyway', [failed('felix/watchercache.go', refusal('namespaces', ''))], []],
  ['another part of calico-node is refused', [failed('confd/watchercache.go', newer)], []],
])("Felix's log %s", async (_, log, reviews) => {
  expect(await asked(log)).toEqual(reviews);
});
test('a log full of kinds asks for ten', async () => {
  const many = Array.from({ length: 40 }, (_, at) => failed('felix/watchercache.go', refusal(`kind${at}`, 'x.org')));
  expect(await asked(many)).toHaveLength(20);
});

const controlledBy = (kind: string, name: string) => [{ kind, name, uid: name, controller: true }];
const inSystem = (name: string) => ({ name, namespace: 'kube-system', uid: name });
const words = ({ account, reviews }: AccountRights) => ({
  account: account.name,
  asked: new Set(reviews.map(({ verb, resource }) => `${verb} ${resource}`)).size,
  denied: reviews.filter((review) => !review.allowed).map(({ verb, resource }) => `${verb} ${resource}`),
});
const parts = (account: string, replicas = 1): readonly KubernetesObject[] => {
  return [
    agents,
    agent,
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: inSystem('calico-typha'),
      spec: { replicas, selector: { matchLabels: { app: 't' } }, template: { spec: { containers: [] } } },
    } as KubernetesObject,
    {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        ...inSystem('calico-typha-1'),
        labels: { app: 't' },
        ownerReferences: controlledBy('Deployment', 'calico-typha'),
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...inSystem('calico-typha-1-x'),
        labels: { app: 't' },
        ownerReferences: controlledBy('ReplicaSet', 'calico-typha-1'),
      },
      spec: { nodeName: 'n3', serviceAccountName: account, containers: [] },
      status: { phase: 'Running' },
    } as KubernetesObject,
  ];
};
const rights = async (objects: readonly KubernetesObject[], refused: Readonly<Record<string, number>> = {}) => {
  const log = failed('typha/watchercache.go', newer);
  const fact = await probing(calicoNodeAccess, {
    cluster: {
      ...clusterOf(objects, { refused, logs: { 'kube-system/calico-typha-1-x': log } }),
      accessReview: async (question) => ({
        ok: true,
        value: { ...question, allowed: question.group !== 'kubevirt.io', reason: '' },
        request: 'review',
        at: '2026-11-26T04:56:00Z',
      }),
    },
    facts: { 'datastore-kind': home, 'felix-log@target': [] },
  }).fact('calico-node-access');
  if (fact.status === 'unavailable') return codeOf(fact);
  return { felix: words(fact.value), typha: fact.value.typha ? words(fact.value.typha) : null };
};

describe('where Typha reads for Felix', () => {
  const all = 2 * neededByFelix.length;

  test('its own account is asked about, with what its log says that it was refused', async () => {
    expect(await rights(parts('calico-typha'))).toEqual({
      felix: { account: 'calico-node', asked: 1, denied: [] },
      typha: {
        account: 'calico-typha',
        asked: all + 2,
        denied: ['list virtualmachineinstancemigrations', 'watch virtualmachineinstancemigrations'],
      },
    });
  });
  test('an account that it shares with calico-node is asked about once', async () => {
    expect(await rights(parts('calico-node'))).toMatchObject({
      felix: { account: 'calico-node', asked: 0 },
      typha: { account: 'calico-node', asked: all + 2 },
    });
  });
  test('a Typha that is scaled to 0 reads nothing', async () => {
    expect(await rights(parts('calico-typha', 0))).toEqual({
      felix: { account: 'calico-node', asked: all, denied: [] },
      typha: null,
    });
  });
  test('a Typha that may not be read leaves open whose rights count', async () => {
    const there = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } } as KubernetesObject;
    expect(await rights([there, ...parts('calico-typha')], { Deployment: 403 })).toBe('api-forbidden');
  });
});
