import { describe, expect, test } from '@jest/globals';
import type { DatastoreKind } from '../../../src/model/datastore-kind.ts';
import { observed } from '../../../src/model/evidence.ts';
import type { KubernetesObject } from '../../../src/model/kubernetes.ts';
import { datastoreKind } from '../../../src/probes/cluster/datastore-kind.ts';
import { clusterOf } from '../cluster-of.ts';
import { probing } from '../scripted.ts';

const [crd, own] = ['crd.projectcalico.org/v1', 'projectcalico.org/v3'] as const;
const agents = (env: Readonly<Record<string, string | null>>, name = 'calico-node', namespace = 'kube-system') => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name, namespace, uid: name },
  spec: {
    template: {
      spec: {
        containers: [
          {
            name,
            env: Object.entries(env).map(([key, value]) => ({ name: key, ...(value === null ? {} : { value }) })),
          },
        ],
      },
    },
  },
});
const information = (apiVersion: string) => ({ apiVersion, kind: 'ClusterInformation', metadata: { name: 'default' } });
const kubernetes = { DATASTORE_TYPE: 'kubernetes' };

/** Groups that nobody serves are a 404. */
const look = async (
  objects: readonly KubernetesObject[],
  groups: Readonly<Record<string, number | null | undefined>>,
) => {
  const cluster = clusterOf(objects);
  return probing(datastoreKind, {
    cluster: {
      ...cluster,
      list: async (query) => {
        const status = Object.hasOwn(groups, query.apiVersion) ? groups[query.apiVersion] : 404;
        if (status === undefined) return cluster.list(query);
        return { ok: false, status, reason: `status ${status}`, request: query.apiVersion, at: '2026-11-23T18:00:00Z' };
      },
    },
    facts: {},
  }).fact('datastore-kind');
};
const is = { [crd]: undefined };
const isOwn = { [own]: undefined };

test.each<[string, readonly KubernetesObject[], Readonly<Record<string, number | null | undefined>>, DatastoreKind]>([
  [
    'the settings say Kubernetes',
    [agents(kubernetes), information(crd)],
    is,
    { kind: 'kubernetes', api: crd, interfacePrefix: 'cali' },
  ],
  [
    'an operator installed it',
    [agents(kubernetes, 'calico-node', 'calico-system')],
    is,
    { kind: 'kubernetes', api: crd, interfacePrefix: 'cali' },
  ],
  [
    "Calico's own API alone is served",
    [agents(kubernetes)],
    isOwn,
    { kind: 'kubernetes', api: own, interfacePrefix: 'cali' },
  ],
  [
    'both are served: the stored objects count',
    [agents(kubernetes)],
    { ...is, ...isOwn },
    { kind: 'kubernetes', api: crd, interfacePrefix: 'cali' },
  ],
  [
    'interfaces have another prefix',
    [agents({ ...kubernetes, FELIX_INTERFACEPREFIX: 'eni,tap' })],
    is,
    { kind: 'kubernetes', api: crd, interfacePrefix: 'eni' },
  ],
  ['the settings say etcd', [agents({ DATASTORE_TYPE: 'etcdv3' })], {}, { kind: 'etcdv3' }],
  ['the settings have etcd alone', [agents({ ETCD_ENDPOINTS: null })], {}, { kind: 'etcdv3' }],
  [
    'etcd, and objects are left over in the API',
    [agents({ ETCD_ENDPOINTS: null }), information(crd)],
    is,
    { kind: 'etcdv3' },
  ],
  [
    'etcd, and the bot may not read the API',
    [agents({ ETCD_ENDPOINTS: null })],
    { [crd]: 403, [own]: 403 },
    { kind: 'etcdv3' },
  ],
  [
    'another workload runs Calico, with objects in the API',
    [information(crd)],
    is,
    { kind: 'kubernetes', api: crd, interfacePrefix: 'cali' },
  ],
  ['nothing says it: a kind without objects', [], is, { kind: null }],
  ["nothing says it: Calico's own API may show etcd", [information(own)], isOwn, { kind: null }],
  ['nothing says it', [], {}, { kind: null }],
  [
    'two say different things',
    [agents(kubernetes), agents({ ETCD_ENDPOINTS: 'x' }, 'canal'), information(crd)],
    is,
    { kind: null },
  ],
])('%s', async (_, objects, groups, value) => {
  expect(await look(objects, groups)).toEqual(observed(value, expect.anything() as never));
});

describe('settings that say Kubernetes, and no answer of it', () => {
  test.each([
    ['the bot may not read', { [crd]: 403, [own]: 403 }, 'api-forbidden'],
    ['the bot may not read one of them', { [own]: 403 }, 'api-forbidden'],
    ['the API server fails', { [crd]: 500 }, 'command-failed'],
    ['nobody installed the kinds', {}, 'api-not-found'],
  ])('%s: a blind spot', async (_, groups, code) => {
    expect(await look([agents(kubernetes)], groups)).toMatchObject({ value: { kind: null }, gaps: [{ code }] });
  });
  test('a silent API server is told elsewhere', async () => {
    const fact = await look([agents(kubernetes)], { [crd]: null });
    expect(fact).toMatchObject({ value: { kind: null } });
    expect(fact).not.toHaveProperty('gaps');
  });
});

test.each([
  ['calico/node:v2.6.8', true],
  ['quay.io/calico/node:v1.3.0', true],
  ['registry.example/mirror/calico-node:2.5.1', true],
  ['calico/node:v3.26.1', undefined],
  ['quay.io/calico/node:master', undefined],
  ['registry.example/other/node:v2.0.0', undefined],
])('the image %s is of Calico 2.x: %s', async (image, isOfVersion2) => {
  const { spec, ...daemonSet } = agents({ ETCD_ENDPOINTS: 'https://192.0.2.1:2379' });
  const [container] = spec.template.spec.containers;
  const template = { spec: { containers: [{ ...container, image }] } };
  const told = await look([{ ...daemonSet, spec: { template } } as KubernetesObject], {});
  expect(told).toMatchObject({ value: { kind: 'etcdv3', ...(isOfVersion2 ? { isOfVersion2 } : {}) } });
  expect(told.status === 'observed' && 'isOfVersion2' in told.value).toBe(isOfVersion2 === true);
});
