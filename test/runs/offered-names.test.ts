import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { mostRead, offeredKey } from '../../src/model/offered-names.ts';
import type { JobQueues, QueuedJob } from '../../src/model/jobs.ts';
import type { KubernetesObject } from '../../src/model/kubernetes.ts';
import type { ClusterReader } from '../../src/model/ports.ts';
import { leaveNames, offeredNames } from '../../src/runs/offered-names.ts';
import { clusterOf } from '../probes/cluster-of.ts';
import { localNode } from '../fixes/local-node.ts';
import { noWrites } from '../fixes/known-objects.ts';

const object = (kind: string, name: string, namespace?: string, labels?: Record<string, string>): KubernetesObject => ({
  apiVersion: kind === 'EndpointSlice' ? 'discovery.k8s.io/v1' : 'v1',
  kind,
  metadata: { name, ...(namespace ? { namespace } : {}), ...(labels ? { labels } : {}) },
});
const objects = [
  object('Namespace', 'shop'),
  object('Namespace', 'default'),
  object('Pod', 'web-0', 'shop'),
  object('Pod', 'api-7d9c', 'shop'),
  object('Pod', 'other', 'default'),
  object('EndpointSlice', 'api-x2', 'shop', { 'kubernetes.io/service-name': 'api' }),
  object('EndpointSlice', 'api-x3', 'shop', { 'kubernetes.io/service-name': 'api' }),
  object('EndpointSlice', 'by-hand', 'shop'),
];

/** A store of small values, a worker that works when it is told to, and a clock that each sleep moves. */
function world(cluster: ClusterReader = clusterOf(objects)) {
  const kept = new Map<string, string>();
  const jobs: QueuedJob[] = [];
  let now = 1_000_000;
  const store = {
    recall: async (key: string) => kept.get(key) ?? null,
    remember: async (key: string, value: string) => void kept.set(key, value),
  } as never;
  const clock = { now: () => new Date(now), sleep: (ms: number) => setImmediate(void (now += ms)) };
  const open = async () => ({ cluster, writer: noWrites, shells: localNode({}), clock, close: async () => {} });
  return {
    kept,
    jobs,
    pass: (ms: number) => void (now += ms),
    leave: (namespace: string | null) => leaveNames({ open, store, clock }, { cluster: 'default', namespace }),
    ask: (namespace: string | null, add: JobQueues['add'] = async (job) => void jobs.push(job), signal = soon()) =>
      offeredNames({ store, clock, queues: { add } }, { cluster: 'default', namespace }, signal),
  };
}

/** Ends a wait after some looks. */
function soon(): AbortSignal {
  return AbortSignal.timeout(100);
}

test('a worker leaves namespaces, and the pods and Services of one, for the person who types', async () => {
  const { leave, ask, jobs } = world();
  await leave(null);
  await leave('shop');
  expect(await ask(null)).toEqual(['default', 'shop']);
  expect(await ask('shop')).toEqual(['shop/api-7d9c', 'shop/web-0', 'svc:shop/api']);
  expect(jobs).toEqual([]);
});

test('of an object its name is left, and nothing else', async () => {
  const secret = { ...object('Pod', 'web-0', 'shop', { owner: 'alice' }), spec: { image: 'private' } };
  const { leave, kept } = world(clusterOf([secret]));
  await leave('shop');
  expect([...kept.values()].map((text) => JSON.parse(text) as unknown)).toEqual([
    { at: expect.any(Number), names: ['shop/web-0'] },
  ]);
});

test.each([
  ['refuses', 403],
  ['does not answer', null],
])('what the API server %s leaves fewer names', async (_, status) => {
  const { leave, ask } = world(clusterOf(objects, { refused: { EndpointSlice: status, Namespace: status } }));
  await leave(null);
  await leave('shop');
  expect(await ask(null)).toEqual([]);
  expect(await ask('shop')).toEqual(['shop/api-7d9c', 'shop/web-0']);
});

test('older names stay where the API server does not answer, and go where it refuses', async () => {
  const refused: Record<string, number | null> = {};
  const { leave, kept } = world(clusterOf(objects, { refused }));
  await leave('shop');
  const before = new Map(kept);
  refused['Pod'] = null;
  await leave('shop');
  expect(kept).toEqual(before);
  refused['Pod'] = 403;
  await leave('shop');
  expect(kept.get(offeredKey({ cluster: 'default', namespace: 'shop' }))).toContain('["svc:shop/api"]');
});

test('no list is longer than what is read of it', async () => {
  const many = Array.from({ length: 2 * mostRead }, (_one, at) => object('Pod', `p-${at}`, 'shop'));
  const { leave, ask } = world(clusterOf(many));
  await leave('shop');
  expect(await ask('shop')).toHaveLength(mostRead);
});

test('a worker is asked once for all that type, and its answer is taken', async () => {
  const { ask, leave, jobs } = world();
  const working: JobQueues['add'] = async (job) => {
    jobs.push(job);
    await leave('shop');
  };
  expect(await ask('shop', working)).toHaveLength(3);
  expect(await ask('shop', working)).toHaveLength(3);
  expect(jobs).toMatchObject([
    { queue: 'diagnose', cluster: 'default', data: { kind: 'names', cluster: 'default', namespace: 'shop' } },
  ]);
  expect(jobs[0]?.id).toMatch(/^names\.default\.shop\.\d+$/);
});

test('older names serve while the worker is late; then it is asked again', async () => {
  const { ask, leave, jobs, pass } = world();
  await leave('shop');
  pass(60_000);
  expect(await ask('shop')).toHaveLength(3);
  expect(jobs).toHaveLength(1);
});

test('names that another version left are none', async () => {
  const { ask, kept } = world();
  kept.set(offeredKey({ cluster: 'default', namespace: null }), '{"names":"shop"}');
  expect(await ask(null)).toEqual([]);
});
