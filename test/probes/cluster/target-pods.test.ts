/** Which pod is judged where a target names what stands for pods. */
import { expect, test } from '@jest/globals';
import type { KubernetesObject } from '../../../src/model/kubernetes.ts';
import type { Target } from '../../../src/model/target.ts';
import { targetPods } from '../../../src/probes/lib/target-pods.ts';
import { clusterOf } from '../cluster-of.ts';

const pod = (name: string, { ready = true, owner = 'ReplicaSet/web-7d9c', phase = 'Running', going = false } = {}) => {
  const [kind = '', ownerName = ''] = owner.split('/');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      labels: { app: 'web', 'pod-template-hash': '7d9c' },
      ownerReferences: [{ kind, name: ownerName, uid: 'u', controller: true }],
      ...(going ? { deletionTimestamp: '2026-11-23T18:00:00Z' } : {}),
    },
    spec: { nodeName: 'n1', containers: [] },
    status: { phase, podIP: '192.0.2.5', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
};
const service = (spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { clusterIP: '198.51.100.20', selector: { app: 'web' }, ports: [{ port: 80 }], ...spec },
});
const slice = (...ready: readonly string[]) => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'web-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
  endpoints: ready.map((name) => ({
    addresses: ['192.0.2.5'],
    targetRef: { kind: 'Pod', namespace: 'default', name },
  })),
  ports: [{ port: 80, protocol: 'TCP' }],
});

async function chosen(
  kind: NonNullable<Target['kind']>,
  name: string,
  objects: readonly object[],
  refused: Readonly<Record<string, number | null>> = {},
) {
  const target = { cluster: 'default', namespace: 'default', pod: name, kind, from: null, port: null };
  const cluster = clusterOf(objects as readonly KubernetesObject[], { refused });
  const { pod: judged, 'target-choice': choice, service: served } = await targetPods(cluster, target);
  return [
    judged.status === 'observed' ? judged.value.metadata.name : judged.code,
    choice.status === 'observed' ? choice.value.others.map(({ metadata }) => metadata.name).join(' ') : '-',
    served.status === 'observed' ? `${served.value.endpoints.length} endpoints` : served.code,
  ];
}

const pods = [pod('web-7d9c-a'), pod('web-7d9c-b', { ready: false }), pod('web-7d9c-c')];

test.each([
  ['deployment', 'web', pods, ['web-7d9c-b', 'web-7d9c-a web-7d9c-c', 'not-applicable']],
  ['selector', 'app=web', pods, ['web-7d9c-b', 'web-7d9c-a web-7d9c-c', 'not-applicable']],
  ['statefulset', 'db', [pod('db-0', { owner: 'StatefulSet/db' }), ...pods], ['db-0', '', 'not-applicable']],
  ['daemonset', 'web', pods, ['not-applicable', '-', 'not-applicable']],
  ['deployment', 'web', [pod('web-7d9c-a', { going: true }), pods[2] ?? {}], ['web-7d9c-c', '', 'not-applicable']],
  [
    'deployment',
    'web',
    [...pods, pod('web-7d9c-d', { phase: 'Pending' })],
    ['web-7d9c-b', 'web-7d9c-a web-7d9c-c', 'not-applicable'],
  ],
] as const)('of a %s %s, one that is not ready goes first', async (kind, name, objects, found) => {
  expect(await chosen(kind, name, objects)).toEqual(found);
});

test.each(['Failed', 'Succeeded'])('one that ended (%s) goes last, though it is not ready', async (phase) => {
  const ended = pod('web-7d9c-0', { phase, ready: false });
  const [ready, , other] = pods;
  expect(await chosen('deployment', 'web', [ended, ready ?? {}, other ?? {}])).toEqual([
    'web-7d9c-a',
    'web-7d9c-c',
    'not-applicable',
  ]);
  expect(await chosen('service', 'web', [service(), slice(), ended, ready ?? {}])).toContain('web-7d9c-a');
  expect(await chosen('deployment', 'web', [ended])).toEqual(['web-7d9c-0', '', 'not-applicable']);
});

test('those that are Pending are told beside the judged one', async () => {
  const [ready] = pods;
  const waiting = pod('web-7d9c-d', { phase: 'Pending', ready: false });
  const target = {
    cluster: 'default',
    namespace: 'default',
    pod: 'web',
    kind: 'service',
    from: null,
    port: null,
  } as const;
  const cluster = clusterOf([service(), slice('web-7d9c-a'), ready ?? {}, waiting] as readonly KubernetesObject[], {});
  const { 'target-choice': choice } = await targetPods(cluster, target);
  expect(choice).toMatchObject({ value: { pending: ['default/web-7d9c-d'] } });
});

test('of an address, the pod that has it, and not one that ended or that shares a node', async () => {
  const [a = {}] = pods;
  const elsewhere = { ...pod('web-7d9c-b'), status: { podIP: '192.0.2.6' } };
  const onHost = { ...pod('web-7d9c-h'), spec: { nodeName: 'n1', containers: [], hostNetwork: true } };
  const ended = pod('web-7d9c-0', { phase: 'Succeeded', ready: false });
  expect(await chosen('address', '192.0.2.5', [ended, onHost, elsewhere, a])).toEqual([
    'web-7d9c-a',
    '',
    'not-applicable',
  ]);
  expect(await chosen('address', '192.0.2.5', [ended, onHost])).toEqual(['not-applicable', '-', 'not-applicable']);
});

test('of an IPv6 address, the pod that has it beside one of IPv4', async () => {
  const [a = {}] = pods;
  const both = {
    ...pod('web-7d9c-b'),
    status: { podIP: '192.0.2.6', podIPs: [{ ip: '192.0.2.6' }, { ip: 'fd00::6' }] },
  };
  expect((await chosen('address', 'fd00::6', [a, both])).slice(0, 2)).toEqual(['web-7d9c-b', '']);
});

test('of the second address of a pod, that pod, though no query finds it by that', async () => {
  const both = { podIP: '192.0.2.5', podIPs: [{ ip: '192.0.2.5' }, { ip: '2001:db8::5' }] };
  const objects = [{ ...pod('web-7d9c-a'), status: both }, pod('web-7d9c-b')];
  expect(await chosen('address', '2001:db8::5', objects)).toEqual(['web-7d9c-a', '', 'not-applicable']);
  expect(await chosen('address', '2001:db8::6', objects)).toEqual(['not-applicable', '-', 'not-applicable']);
});

test('of a Service, one that takes its traffic goes first', async () => {
  expect(await chosen('service', 'web', [service(), slice('web-7d9c-c'), ...pods])).toEqual([
    'web-7d9c-c',
    'web-7d9c-a web-7d9c-b',
    '1 endpoints',
  ]);
});
test('a Service whose slices cannot be read is a blind spot, and its pods are judged', async () => {
  expect(await chosen('service', 'web', [service(), ...pods], { EndpointSlice: 403 })).toEqual([
    'web-7d9c-a',
    'web-7d9c-b web-7d9c-c',
    'api-forbidden',
  ]);
});
test('a Service that selects nothing, or that is not there, has no pod', async () => {
  expect(await chosen('service', 'web', [service({ selector: {} }), slice(), ...pods])).toEqual([
    'not-applicable',
    '-',
    '0 endpoints',
  ]);
  expect(await chosen('service', 'web', pods)).toEqual(['api-not-found', '-', 'api-not-found']);
});
