/** What the bot's account may do with the manifests of deploy/rbac, asked of a real API server with its real token. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { rightsManifests } from '../../scripts/generate/rights.ts';
import { collectionPath, plural } from '../../src/adapters/kubernetes/paths.ts';
import { setupReads } from '../../src/setup/all-reads.ts';
import { fixes } from '../../src/fixes/registry.ts';
import { preflightReads } from '../../src/runs/preflight.ts';
import { fixAccess } from '../../src/plans/fix-context.ts';
import { declaredReader, type ApiRead } from '../../src/model/api-reads.ts';
import type { ClusterRoleBinding, KubernetesObject } from '../../src/model/kubernetes.ts';
import type { Probe } from '../../src/model/probe.ts';
import { clusterNodes } from '../../src/probes/cluster/cluster-nodes.ts';
import { probes } from '../../src/probes/registry.ts';
import { grantPath, startBotCluster, type BotCluster } from '../fixes/bot-account.ts';
import { binding, bot, controllers, group, own, rbac, refusedWrites } from './refused-writes.ts';
import { describeScaling } from './scaled-controllers-suite.ts';
import { localNode } from '../fixes/local-node.ts';
import { noWrites } from '../fixes/known-objects.ts';
import { probing } from '../probes/scripted.ts';
import { until } from '../../tools/lab/run.ts';
import { clusterOf } from '../probes/cluster-of.ts';

const root = resolve(import.meta.dirname, '../..');
const declared: readonly ApiRead[] = [
  ...probes.flatMap((probe) => probe.reads ?? []),
  ...fixes.flatMap((fix) => fix.reads ?? []),
  ...preflightReads,
  ...setupReads,
];

let clusters: BotCluster;
beforeAll(async () => {
  clusters = await startBotCluster();
}, 90_000);
afterAll(() => clusters.stop());

const manifests = (units: readonly Probe[]) => Object.values(rightsManifests(units, [], ['kube-system'])).join('\n');

describe('reads', () => {
  test('every read of the source is declared by its reader', () => {
    const sources = readdirSync(`${root}/src`, { recursive: true, encoding: 'utf8' }).filter(
      (path) => path.endsWith('.ts') && !path.startsWith('adapters/'),
    );
    const asked = sources.flatMap((path) => {
      const text = readFileSync(`${root}/src/${path}`, 'utf8');
      return [
        ...text.matchAll(/(?:\.(?:read|list)(?:<[^(]*>)?\(|readRbac(?:<\w+>)?\(cluster, )(?:\{[^}]*?kind: )?'(\w+)'/g),
      ].map((found) => ({ path, kind: found[1] ?? '' }));
    });
    expect(asked.length).toBeGreaterThan(15);
    expect(asked.filter(({ kind }) => !declared.some((read) => read.kind === kind))).toEqual([]);
  });
  test('an undeclared one throws before it is sent: kind, verb, namespace or name', async () => {
    const reads: readonly ApiRead[] = [
      { verb: 'get', apiVersion: 'v1', kind: 'Pod', where: 'calico' },
      { verb: 'get', apiVersion: 'v1', kind: 'Node', where: 'cluster', names: ['n1'] },
    ];
    const reader = declaredReader(
      clusterOf([{ kind: 'Pod', metadata: { name: 'p', namespace: 'kube-system' } }]),
      reads,
      ['kube-system'],
      'a probe',
    );
    const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'kube-system', name: 'p' };
    expect(await reader.read(pod)).toMatchObject({ ok: true });
    expect(await reader.read({ apiVersion: 'v1', kind: 'Node', name: 'n1' })).toMatchObject({ status: 404 });
    await expect(reader.read({ ...pod, namespace: 'default' })).rejects.toThrow(
      'a probe does not declare that it reads: get Pod p in default',
    );
    await expect(reader.read({ ...pod, kind: 'Secret' })).rejects.toThrow('get Secret');
    await expect(reader.read({ ...pod, apiVersion: 'v2' })).rejects.toThrow('get Pod');
    await expect(reader.read({ apiVersion: 'v1', kind: 'Node', name: 'n2' })).rejects.toThrow('get Node n2');
    await expect(reader.list({ apiVersion: 'v1', kind: 'Pod', namespace: 'kube-system' })).rejects.toThrow('list Pod');
    await expect(
      reader.podLog({ namespace: 'kube-system', pod: 'p', container: 'c', tailLines: 1, limitBytes: 1 }),
    ).rejects.toThrow('get Pod/log p');
    await expect(
      reader.accessReview({ user: 'u', groups: [], group: '', resource: 'pods', verb: 'get' }),
    ).rejects.toThrow('create SubjectAccessReview');
  });
  test('a probe and a fix get only what they declare', async () => {
    const node = { kind: 'Node', metadata: { name: 'n1' } };
    const listing = async (probe: Probe) => probing(probe, { cluster: clusterOf([node]) }).fact('nodes');
    expect(await listing(clusterNodes)).toMatchObject({ status: 'observed' });
    expect(await listing({ ...clusterNodes, reads: [] })).toMatchObject({
      status: 'unavailable',
      code: 'not-parsed',
      reason: expect.stringContaining('does not declare that it reads: list Node'),
    });
    const access = {
      cluster: clusterOf([node]),
      writer: noWrites,
      shells: localNode({}),
      clock: { now: () => new Date(0), sleep: async () => {} },
      close: async () => {},
    };
    const reading = (reads: readonly ApiRead[]) =>
      fixAccess(access, { id: 'a-fix', reads }).looking.cluster.list({ apiVersion: 'v1', kind: 'Node' });
    expect(await reading(setupReads)).toMatchObject({ ok: true });
    await expect(reading([])).rejects.toThrow('a-fix does not declare that it reads: list Node');
  });
  test('a right stands in the manifests only while somebody declares its read', () => {
    const without = probes.map((probe) => ({
      ...probe,
      reads: (probe.reads ?? []).filter(({ kind }) => kind !== 'ReplicaSet'),
    }));
    expect([manifests(probes), manifests(without)].map((text) => text.includes('replicasets'))).toEqual([true, false]);
  });
  test('the API server allows each declared one, in its place', async () => {
    const refused: unknown[] = [];
    for (const read of declared.filter(({ verb }) => verb !== 'create')) {
      const base = read.apiVersion.includes('/') ? `/apis/${read.apiVersion}` : `/api/${read.apiVersion}`;
      const place =
        read.where === 'calico'
          ? '/namespaces/kube-system'
          : read.kind === 'Pod' && read.verb === 'get'
            ? '/namespaces/shop'
            : '';
      for (const name of read.verb === 'list' ? [''] : (read.names ?? ['any'])) {
        const answer = await clusters.asBot(
          'GET',
          `${base}${place}/${plural(read.kind)}${name && `/${name}`}${read.subresource ? `/${read.subresource}` : ''}`,
        );
        if (answer.status === 401 || answer.status === 403) refused.push([read, answer]);
      }
    }
    expect(refused).toEqual([]);
  });
  test.each([
    ['secrets', '/api/v1/secrets'],
    ['configmaps', '/api/v1/namespaces/kube-system/configmaps/calico-config'],
    ['services', '/api/v1/services'],
    ['endpoints', '/api/v1/endpoints'],
    ['quotas', '/api/v1/resourcequotas'],
    ['an endpointslice by its name', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/any'],
    ['a watch', '/api/v1/pods?watch=1&timeoutSeconds=1'],
    ['a watch of namespaces', '/api/v1/namespaces?watch=1&timeoutSeconds=1'],
    ['accounts', '/api/v1/serviceaccounts'],
    ["a tenant's log", '/api/v1/namespaces/default/pods/p/log'],
    ["a tenant's Deployment", '/apis/apps/v1/namespaces/default/deployments/calico-kube-controllers'],
    ['another Deployment of kube-system', '/apis/apps/v1/namespaces/kube-system/deployments/coredns'],
    ['all Deployments', '/apis/apps/v1/deployments'],
    ["a tenant's ReplicaSets", '/apis/apps/v1/namespaces/default/replicasets'],
    ['statefulsets', '/apis/apps/v1/statefulsets'],
    ['all roles', `${rbac}/clusterroles`],
    ['another role', `${rbac}/clusterroles/cluster-admin`],
    ["Calico's blocks", '/apis/crd.projectcalico.org/v1/ipamblocks'],
    ['other settings of Felix than those of all nodes', '/apis/crd.projectcalico.org/v1/felixconfigurations/node.n1'],
    ['a watch of policies', '/apis/projectcalico.org/v3/globalnetworkpolicies?watch=1&timeoutSeconds=1'],
  ])('the API server refuses what nobody declared: %s', async (_, path) => {
    expect(await clusters.asBot('GET', path)).toMatchObject({ status: 403 });
  });
});

const patch = (subjects: unknown, more: object = {}) =>
  clusters.asBot('PATCH', grantPath, { subjects, ...more }, 'application/merge-patch+json');
const stored = async () => {
  const answer = await clusters.admin.reader.read<ClusterRoleBinding>({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    name: own,
  });
  return answer.ok ? answer.value : null;
};
describe('writes', () => {
  beforeEach(async () => {
    expect(await patch(null)).toMatchObject({ status: 200 });
  });

  test('the account of the controllers, into the binding and out', async () => {
    expect(await patch([controllers])).toMatchObject({ status: 200 });
    expect((await stored())?.subjects).toEqual([controllers]);
    expect(await patch([])).toMatchObject({ status: 200 });
    expect((await stored())?.subjects).toBeUndefined();
  });
  test.each<[string, unknown, object?]>([
    ['everybody without credentials', [group('system:unauthenticated')]],
    ['everybody', [group('system:authenticated')]],
    ['itself', [bot]],
    ['another account', [{ ...controllers, name: 'thief' }]],
    ["the controllers' name in another namespace", [{ ...controllers, namespace: 'default' }]],
    [
      "a user of the controllers' name",
      [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: controllers.name }],
    ],
    ['another one beside the controllers', [controllers, bot]],
    ['the controllers twice', [controllers, controllers]],
    ['labels', [controllers], { metadata: { labels: { a: 'b' } } }],
    ['annotations', [controllers], { metadata: { annotations: { a: 'b' } } }],
    ['a finalizer', [controllers], { metadata: { finalizers: ['example.org/keep'] } }],
    [
      'an owner, whose deletion would take it away',
      [controllers],
      { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', name: 'x', uid: 'y' }] } },
    ],
    [
      'another role',
      [controllers],
      { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' } },
    ],
  ])('the binding refuses %s', async (...[, subjects, more]) => {
    const before = await stored();
    const answer = await patch(subjects, more);
    expect([403, 422]).toContain(answer.status);
    expect(await stored()).toEqual(before);
  });
  test('the policy refuses a subject by itself: RBAC alone would let it pass', async () => {
    expect((await patch([bot])).body).toContain("ValidatingAdmissionPolicy 'calico-chatops-writes'");
  });

  describeScaling(() => clusters);

  test.each(refusedWrites)('refuses %s', async (...[, method, path, body]) => {
    expect(
      (await clusters.asBot(method, path, body, method === 'PATCH' ? 'application/merge-patch+json' : undefined))
        .status,
    ).toBe(403);
  });

  test('rights that somebody gives it by mistake change nothing', async () => {
    const everything = binding('by-mistake', 'cluster-admin', [bot]);
    await clusters.objects.create<KubernetesObject>(everything);
    const tries: readonly (readonly [string, string, object?])[] = [
      ['POST', `${rbac}/clusterrolebindings`, binding('leak', 'cluster-admin', [group('system:unauthenticated')])],
      ['DELETE', grantPath],
      ['POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mine' } }],
      ['PATCH', '/api/v1/namespaces/default/services/kubernetes', { spec: { externalIPs: ['203.0.113.9'] } }],
    ];
    // Its new rights are known to the authorizer a moment later; until then this would be a test of nothing.
    const review = () =>
      clusters.admin.reader.accessReview({
        user: 'system:serviceaccount:calico-chatops:calico-chatops',
        groups: ['system:serviceaccounts'],
        group: '',
        resource: 'namespaces',
        verb: 'create',
      });
    await until('the authorizer to know', 20, async () => {
      const answer = await review();
      return answer.ok && answer.value.allowed ? true : null;
    });
    for (const [method, path, body] of tries) {
      const answer = await clusters.asBot(
        method,
        path,
        body,
        method === 'PATCH' ? 'application/merge-patch+json' : undefined,
      );
      expect([method, path, answer.body.includes("ValidatingAdmissionPolicy 'calico-chatops-writes'")]).toEqual([
        method,
        path,
        true,
      ]);
    }
    const reference = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', name: 'by-mistake' };
    await clusters.objects.remove(reference);
  });
});

test('the API server takes every object of deploy/kubernetes, and knows each of its fields', async () => {
  const documents = parseAllDocuments(readFileSync(`${root}/deploy/kubernetes/calico-chatops.yaml`, 'utf8'));
  expect(documents.length).toBeGreaterThan(3);
  for (const document of documents) {
    const object: KubernetesObject = document.toJS();
    const { apiVersion = '', kind = '', metadata } = object;
    const path = collectionPath({ apiVersion, kind, namespace: metadata.namespace });
    const answer = await clusters.asAdministrator('POST', `${path}?dryRun=All&fieldValidation=Strict`, object);
    expect([kind, answer.status, answer.status < 300 ? '' : answer.body]).toEqual([kind, 201, '']);
  }
});
