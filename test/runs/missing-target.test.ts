import { expect, test } from '@jest/globals';
import type { ApiAnswer, ClusterReader, ListQuery, ObjectReference } from '../../src/model/ports.ts';
import type { Target } from '../../src/model/target.ts';
import { touchedPods } from '../../src/plans/touched-pods.ts';
import { missingTarget } from '../../src/runs/missing-target.ts';
import { readNode } from '../../src/runs/read-node.ts';

const pods = ['default/mypod', 'default/client', 'shop/api-7d9f8-x2x4z', 'shop/api-7d9f8-b7b2q', 'shop/db-0'];
const nodes = ['node-a', 'node-b'];
const stamp = { request: 'GET', at: '2026-01-01T00:00:00.000Z' };

const podOf = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: name.split('/')[0], name: name.split('/')[1] ?? '' },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
});
const nodeOf = (name: string) => ({
  metadata: { name },
  status: {
    addresses: [{ type: 'InternalIP', address: '192.0.2.1' }],
    conditions: [{ type: 'Ready', status: 'True' }],
  },
});

const answer = (value: unknown) =>
  (value === undefined
    ? { ok: false, status: 404, reason: 'not found', ...stamp }
    : { ok: true, value, ...stamp }) as ApiAnswer<never>;

/** An API server with these pods and nodes; `listed` false: it lists nothing. */
function cluster(listed = true): ClusterReader {
  return {
    read: async ({ kind, namespace, name }: ObjectReference) => {
      if (kind === 'Namespace')
        return answer(pods.some((pod) => pod.startsWith(`${name}/`)) ? nodeOf(name) : undefined);
      if (kind === 'Node') return answer(nodes.includes(name) ? nodeOf(name) : undefined);
      return answer(pods.includes(`${namespace}/${name}`) ? podOf(`${namespace}/${name}`) : undefined);
    },
    list: async ({ kind, namespace }: ListQuery) => {
      if (!listed) return { ok: false, status: 403, reason: 'forbidden', ...stamp };
      const found = namespace === undefined ? pods : pods.filter((pod) => pod.startsWith(`${namespace}/`));
      return answer(kind === 'Node' ? nodes.map(nodeOf) : found.map(podOf));
    },
  } as unknown as ClusterReader;
}

const open = (listed?: boolean) => async () => ({ cluster: cluster(listed), close: async () => undefined }) as never;
const target = (change: Partial<Target>): Target => ({
  cluster: 'default',
  namespace: 'default',
  pod: 'mypod',
  from: null,
  port: null,
  ...change,
});

test.each<[string, Partial<Target>, string, readonly string[]]>([
  ['a typing error', { pod: 'mypdo' }, 'there is no pod mypdo in namespace default', ['default/mypod']],
  [
    'the name of a Deployment',
    { namespace: 'shop', pod: 'api' },
    'there is no pod api in namespace shop: 2 begin so, api-7d9f8-x2x4z, api-7d9f8-b7b2q',
    ['shop/api-7d9f8-x2x4z', 'shop/api-7d9f8-b7b2q'],
  ],
  ['a namespace', { namespace: 'defualt' }, 'there is no namespace defualt', ['default/mypod']],
  [
    'a source',
    { from: { kind: 'pod', namespace: 'default', name: 'cleint' } },
    'there is no pod cleint in namespace default',
    ['default/client'],
  ],
  ['a node', { from: { kind: 'node', name: 'nodea' } }, 'there is no node nodea', ['node:node-a', 'node:node-b']],
])('%s that does not exist is told with near names', async (_, change, message, near) => {
  expect(await missingTarget(open(), target(change))).toEqual({ message, part: change.from ? 'from' : 'pod', near });
});

test('what is there is not missing, and without a list there are no near names', async () => {
  expect(await missingTarget(open(), target({}))).toBeNull();
  expect(await missingTarget(open(false), target({ pod: 'mypdo' }))).toEqual({
    message: 'there is no pod mypdo in namespace default',
    part: 'pod',
    near: [],
  });
});

test('pods that a fix touches are counted, and a count that fails says why', async () => {
  expect(await touchedPods(cluster(), { kind: 'namespace', namespace: 'shop' })).toEqual({
    pods: 3,
    of: 'all of namespace shop',
    namespace: 'shop',
  });
  expect(await touchedPods(cluster(false), { kind: 'node', node: 'node-a' })).toEqual({
    pods: null,
    of: 'all of node node-a, not counted: forbidden',
  });
  expect(await touchedPods(cluster(), { kind: 'one', of: 'the pod shop/a', namespace: 'shop' })).toEqual({
    pods: 1,
    of: 'the pod shop/a',
    namespace: 'shop',
  });
  expect(await touchedPods(cluster(), { kind: 'one', of: 'the client 192.0.2.1' })).toEqual({
    pods: 1,
    of: 'the client 192.0.2.1',
  });
  expect(await touchedPods(cluster(), { kind: 'none', why: 'none directly' })).toEqual({
    pods: null,
    of: 'none directly',
  });
});

test('a node is read from the API server alone, and an unknown one is refused', async () => {
  const access = { cluster: cluster() } as never;
  expect(await readNode(access, 'node-a')).toEqual({
    node: 'node-a',
    ready: 'yes',
    addresses: ['InternalIP 192.0.2.1'],
    pods: 5,
    calico: [],
    unread: [],
  });
  await expect(readNode(access, 'node-z')).rejects.toMatchObject({
    code: 'unknown-node',
    message: 'there is no node node-z: did you mean node-a?',
  });
});
