import { expect, test } from '@jest/globals';
import type { RememberedTarget } from '../../src/model/ports.ts';
import { createTargetMemory } from '../../src/runs/target-memory.ts';

const seen: RememberedTarget = {
  at: '2026-01-01T00:00:00.000Z',
  pod: {
    metadata: { name: 'mypod', namespace: 'default', labels: { app: 'web' } },
    spec: {
      nodeName: 'node-a',
      containers: [{ name: 'main', ports: [{ containerPort: 8080 }], env: [{ name: 'PASSWORD', value: 'hunter2' }] }],
    },
    status: { phase: 'Running', podIP: '10.244.1.5' },
  },
  sources: [{ metadata: { name: 'client', namespace: 'default' }, spec: { nodeName: 'node-b', containers: [] } }],
  nodes: [{ metadata: { name: 'node-a' }, status: { addresses: [{ type: 'InternalIP', address: '10.250.0.11' }] } }],
};

const away = () => Promise.reject(new Error('no Redis'));

function memoryOver(values: Map<string, string>) {
  const warnings: string[] = [];
  const store = {
    remember: async (key: string, value: string) => void values.set(key, value),
    recall: async (key: string) => values.get(key) ?? null,
  };
  return {
    warnings,
    of: (cluster: string, server?: string) =>
      createTargetMemory(
        { store, warn: (what) => warnings.push(what) },
        cluster,
        server === undefined ? undefined : async () => server,
      ),
  };
}

test('a pod is remembered with its node, source and address, and without its environment', async () => {
  const values = new Map<string, string>();
  const { of, warnings } = memoryOver(values);
  await of('default').remember(seen);
  const [container] = seen.pod.spec.containers;
  expect(await of('default').recall('default', 'mypod')).toEqual({
    ...seen,
    pod: { ...seen.pod, spec: { ...seen.pod.spec, containers: [{ name: container?.name, ports: container?.ports }] } },
  });
  expect([...values.values()].join()).not.toContain('hunter2');
  expect([
    await of('default').recall('default', 'other'),
    await of('second').recall('default', 'mypod'),
    warnings,
  ]).toEqual([null, null, []]);
});

test('a cluster of the same name at another address is another one', async () => {
  const { of } = memoryOver(new Map());
  await of('default', 'https://one:6443').remember(seen);
  expect(await of('default', 'https://one:6443').recall('default', 'mypod')).not.toBeNull();
  expect(await of('default', 'https://two:6443').recall('default', 'mypod')).toBeNull();
});

test.each([
  ['of another form', '{"form":0}'],
  ['no JSON', '{'],
])('what was kept is not read when it is %s', async (_, kept) => {
  const values = new Map<string, string>();
  const { of } = memoryOver(values);
  await of('default').remember(seen);
  values.set('target/default/default/mypod', kept);
  expect(await of('default').recall('default', 'mypod')).toBeNull();
});

test('a store that cannot be reached remembers nothing, and no run fails by it', async () => {
  const warnings: string[] = [];
  const memory = createTargetMemory(
    { store: { remember: away, recall: away }, warn: (what) => warnings.push(what) },
    'default',
  );
  await memory.remember(seen);
  expect([await memory.recall('default', 'mypod'), warnings.length]).toEqual([null, 2]);
});
