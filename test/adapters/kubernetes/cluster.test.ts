import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import net from 'node:net';
import { createCluster, type Cluster } from '../../../src/adapters/kubernetes.ts';
import type { ClusterRole, KubernetesObject } from '../../../src/model/kubernetes.ts';
import type { ApiAnswer } from '../../../src/model/ports.ts';
import { freePort } from '../../../tools/lab/free-port.ts';
import { until } from '../../../tools/lab/run.ts';
import { startApiServer, type ApiServer } from './api-server.ts';

const rbac = 'rbac.authorization.k8s.io/v1';
const role = (name: string): ClusterRole => ({
  apiVersion: rbac,
  kind: 'ClusterRole',
  metadata: { name },
  rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }],
});
const pod = (name: string, node: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels: { app: name } },
  spec: { nodeName: node, automountServiceAccountToken: false, containers: [{ name: 'main', image: 'none' }] },
});

const names = (objects: readonly KubernetesObject[]) => objects.map((one) => one.metadata.name).toSorted();

function value<T>(answer: ApiAnswer<T>): T {
  if (!answer.ok) throw new Error(`${answer.request}: ${answer.reason}`);
  return answer.value;
}

/** A TCP proxy on loopback that leaves every connection with an odd number (1, 3 …) without an answer. */
async function startStallingProxy(to: number) {
  const sockets: net.Socket[] = [];
  let connections = 0;
  const server = net.createServer((socket) => {
    connections += 1;
    sockets.push(socket.on('error', () => undefined));
    if (connections % 2 === 1) return;
    const upstream = net.connect(to, '127.0.0.1').on('error', () => undefined);
    sockets.push(upstream);
    socket.pipe(upstream).pipe(socket);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    connections: () => connections,
    stop() {
      server.close();
      server.on('connection', (socket) => socket.destroy());
      sockets.forEach((socket) => socket.destroy());
    },
  };
}

describe('a real API server', () => {
  let api: ApiServer;
  let cluster: Cluster;
  beforeAll(async () => {
    api = await startApiServer();
    cluster = createCluster({ kubeconfig: api.administrator });
    for (const object of [pod('one', 'node-a'), pod('two', 'node-b'), pod('three', 'node-a')])
      await api.objects.create(object);
  }, 90_000);
  afterAll(async () => {
    await cluster.close();
    await api.stop();
  });

  test('reads one object, and says which request that was', async () => {
    const answer = await cluster.reader.read({ apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'one' });
    expect(answer.request).toBe('GET /api/v1/namespaces/default/pods/one');
    expect(value(answer)).toMatchObject({ kind: 'Pod', metadata: { name: 'one' } });
  });

  test("an object that is not there is a 404 with the server's reason", async () => {
    const answer = await cluster.reader.read({ apiVersion: 'v1', kind: 'Namespace', name: 'nowhere' });
    expect(answer).toMatchObject({ ok: false, status: 404, reason: '404 NotFound: namespaces "nowhere" not found' });
  });

  test('a kind that the cluster does not know is a 404 too', async () => {
    const answer = await cluster.reader.list({
      apiVersion: 'policy.networking.k8s.io/v1alpha1',
      kind: 'AdminNetworkPolicy',
    });
    expect(answer).toMatchObject({
      ok: false,
      status: 404,
      request: 'GET /apis/policy.networking.k8s.io/v1alpha1/adminnetworkpolicies?resourceVersion=0',
    });
  });

  test('lists by field and label, at most as many as asked for, each with its kind', async () => {
    expect(
      names(value(await cluster.reader.list({ apiVersion: 'v1', kind: 'Pod', fieldSelector: 'spec.nodeName=node-a' }))),
    ).toEqual(['one', 'three']);
    const labelled = value(
      await cluster.reader.list({
        apiVersion: 'v1',
        kind: 'Pod',
        namespace: 'default',
        labelSelector: 'app in (two, four)',
      }),
    );
    expect(labelled).toMatchObject([{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'two' } }]);
    expect(value(await cluster.reader.list({ apiVersion: 'v1', kind: 'Pod', limit: 1 }))).toHaveLength(1);
  });

  test('asks the authorizer for others', async () => {
    const question = {
      user: 'viewer',
      groups: ['system:authenticated'],
      group: '',
      resource: 'namespaces',
      verb: 'list',
    };
    expect(value(await cluster.reader.accessReview(question))).toMatchObject({ ...question, allowed: false });
    expect(value(await cluster.reader.accessReview({ ...question, groups: ['system:masters'] }))).toMatchObject({
      allowed: true,
    });
  });

  test('who may not, is told so', async () => {
    const viewer = createCluster({ kubeconfig: api.viewer });
    const answer = await viewer.reader.list({ apiVersion: 'v1', kind: 'Pod' });
    expect(answer).toMatchObject({ ok: false, status: 403 });
    expect(answer.ok ? '' : answer.reason).toContain('User "viewer" cannot list resource "pods"');
    await viewer.close();
  });

  test('a token that is not known is a 401 that does not repeat it', async () => {
    const stranger = createCluster({
      kubeconfig: await api.kubeconfig('stranger', api.url, api.authority, 'stranger-token'),
    });
    const answer = await stranger.reader.list({ apiVersion: 'v1', kind: 'Pod' });
    expect(answer).toMatchObject({ ok: false, status: 401 });
    expect(JSON.stringify(answer)).not.toContain('stranger-token');
    await stranger.close();
  });

  test('a token that was renewed in the file is used without a restart, by all questions that are refused', async () => {
    const path = await api.kubeconfig('renewed', api.url, api.authority, 'an-expired-token');
    const renewed = createCluster({ kubeconfig: path });
    const list = () => renewed.reader.list({ apiVersion: 'v1', kind: 'Pod' });
    expect(await list()).toMatchObject({ ok: false, status: 401 });
    await api.kubeconfig('renewed', api.url, api.authority, 'viewer-token');
    const answers = await until('the token to be read', 60, async () => {
      const now = await Promise.all(Array.from({ length: 20 }, list));
      return now.some((answer) => !answer.ok && answer.status === 403) ? now : null;
    });
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 403, reason: expect.stringContaining('User "viewer"') });
    await renewed.close();
  });

  test('merges fields into only the very object', async () => {
    const { uid = '', resourceVersion = '' } = (await api.objects.create<KubernetesObject>(role('merged'))).metadata;
    const reference = { apiVersion: rbac, kind: 'ClusterRole', name: 'merged' };
    const rules = [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }];
    const merge = (precondition: { uid: string; resourceVersion: string }, dryRun = false) =>
      cluster.writer.merge<ClusterRole>(reference, { rules }, precondition, { dryRun });
    expect(await merge({ uid, resourceVersion: '1' })).toMatchObject({ ok: false, status: 409 });
    expect(await merge({ uid: '00000000-0000-0000-0000-000000000000', resourceVersion })).toMatchObject({
      ok: false,
      status: 422,
    });
    expect(value(await merge({ uid, resourceVersion }, true)).rules).toEqual(rules);
    expect(value(await cluster.reader.read<ClusterRole>(reference)).rules).toEqual(role('merged').rules);
    expect(value(await merge({ uid, resourceVersion })).rules).toEqual(rules);
    expect(value(await cluster.reader.read<ClusterRole>(reference)).rules).toEqual(rules);
  });

  test('a log that cannot be had is an answer, not an error', async () => {
    const answer = await cluster.reader.podLog({
      namespace: 'default',
      pod: 'one',
      container: 'main',
      tailLines: 5,
      limitBytes: 1000,
    });
    expect(answer).toMatchObject({
      ok: false,
      request: 'GET /api/v1/namespaces/default/pods/one/log?container=main&tailLines=5&limitBytes=1000',
    });
  });

  test('a server that shows another certificate is not talked to', async () => {
    const other = createCluster({
      kubeconfig: await api.kubeconfig('other', api.url, Buffer.from(''), 'administrator-token'),
    });
    const answer = await other.reader.read({ apiVersion: 'v1', kind: 'Namespace', name: 'default' });
    expect(answer).toMatchObject({ ok: false, status: null });
    expect(answer.ok ? '' : answer.reason).toMatch(/CERT|certificate/i);
    await other.close();
  });

  test('a read whose first connection stalls is answered by a second one; a write is not sent twice', async () => {
    const proxy = await startStallingProxy(Number(new URL(api.url).port));
    const kubeconfig = await api.kubeconfig(
      'stalled',
      `https://127.0.0.1:${proxy.port}`,
      api.authority,
      'administrator-token',
    );
    const reading = createCluster({ kubeconfig, timeoutMs: 2000 });
    expect(value(await reading.reader.read({ apiVersion: 'v1', kind: 'Namespace', name: 'default' }))).toMatchObject({
      metadata: { name: 'default' },
    });
    expect(proxy.connections()).toBe(2);
    const writing = createCluster({ kubeconfig, timeoutMs: 500 });
    const reference = { apiVersion: rbac, kind: 'ClusterRole', name: 'stalled' };
    const own = { uid: 'u', resourceVersion: '1' };
    expect(await writing.writer.merge(reference, {}, own, { dryRun: false })).toMatchObject({
      ok: false,
      status: null,
      reason: 'no answer within 500 ms',
    });
    expect(proxy.connections()).toBe(3);
    proxy.stop();
    await Promise.all([reading.close(), writing.close()]);
  });

  test('nobody there, or nobody who answers: no status, and a reason', async () => {
    const refused = createCluster({
      kubeconfig: await api.kubeconfig('refused', `https://127.0.0.1:${await freePort()}`, api.authority, 'x'),
    });
    const nobody = await refused.reader.read({ apiVersion: 'v1', kind: 'Namespace', name: 'default' });
    expect(nobody).toMatchObject({ ok: false, status: null });
    expect(nobody.ok ? '' : nobody.reason).toContain('ECONNREFUSED');

    const sockets: net.Socket[] = [];
    const server = net.createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const silent = createCluster({
      kubeconfig: await api.kubeconfig('silent', `https://127.0.0.1:${port}`, api.authority, 'x'),
      timeoutMs: 300,
    });
    expect(await silent.reader.read({ apiVersion: 'v1', kind: 'Namespace', name: 'default' })).toMatchObject({
      ok: false,
      status: null,
      reason: 'no answer within 600 ms',
    });
    // The client's own attempt to connect goes on for some seconds otherwise.
    sockets.forEach((socket) => socket.destroy());
    await Promise.all([refused.close(), silent.close(), new Promise((closed) => server.close(closed))]);
  });
});

test('a kubeconfig that is not there is a reason, not an exception', async () => {
  const answer = await createCluster({ kubeconfig: '/nowhere/kubeconfig' }).reader.read({
    apiVersion: 'v1',
    kind: 'Namespace',
    name: 'default',
  });
  expect(answer).toMatchObject({ ok: false, status: null });
  expect(answer.ok ? '' : answer.reason).toContain('ENOENT');
});
