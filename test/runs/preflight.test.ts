import { expect, test } from '@jest/globals';
import { checkTarget } from '../../src/runs/preflight.ts';
import type { ApiAnswer, ClusterReader, ListQuery, ObjectReference } from '../../src/model/ports.ts';
import type { Target } from '../../src/model/target.ts';
import { clusterOf } from '../probes/cluster-of.ts';

const nameOf = ({ kind, namespace, name }: ObjectReference) =>
  [kind, namespace, name].filter((part) => part !== undefined).join(' ');

const unasked = () => Promise.reject(new Error('not asked for here'));

/** A server that has these objects; null: it cannot be reached. */
function cluster(objects: readonly string[] | null): ClusterReader {
  return {
    async read<T>(reference: ObjectReference): Promise<ApiAnswer<T>> {
      const about = { request: nameOf(reference), at: '' };
      if (objects === null) return { ok: false, status: null, reason: 'connection refused', ...about };
      // What it holds is not looked at.
      return objects.includes(nameOf(reference))
        ? { ok: true, value: {} as T, ...about }
        : { ok: false, status: 404, reason: 'not found', ...about };
    },
    async list<T>({ kind, namespace }: ListQuery): Promise<ApiAnswer<readonly T[]>> {
      const about = { request: `list ${kind}`, at: '' };
      if (objects === null) return { ok: false, status: null, reason: 'connection refused', ...about };
      const names = objects.flatMap((object) => {
        const [of, space, name] = object.split(' ');
        const isAsked = of === kind && (namespace === undefined || space === namespace);
        const owner = { kind: 'ReplicaSet', name: 'web-7d9c', uid: 'u', controller: true };
        const more = name?.startsWith('web-')
          ? {
              ownerReferences: [owner],
              labels: { 'pod-template-hash': '7d9c', 'kubernetes.io/service-name': 'web' },
            }
          : {};
        const metadata = name === undefined ? { name: space } : { name, namespace: space, ...more };
        return isAsked ? [{ metadata }] : [];
      });
      return { ok: true, value: names as T[], ...about };
    },
    podLog: unasked,
    accessReview: unasked,
  };
}

const target: Target = { cluster: 'default', namespace: 'default', pod: 'mypod', from: null, port: null };
const there = [
  'Namespace default',
  'Pod default mypod',
  'Pod default client',
  'Pod default web-7d9c-x1',
  'Pod default web-7d9c-x2',
  'Service default web',
  'EndpointSlice default web-abcde',
  'Node node-a',
];

test.each<[string, Partial<Target>, readonly string[] | null, string]>([
  ['everything is there', {}, there, 'there'],
  ['the pod is not', { pod: 'other' }, there, 'there is no pod other in namespace default'],
  [
    'a pod of a similar name is',
    { pod: 'mypdo' },
    there,
    'there is no pod mypdo in namespace default: did you mean mypod?',
  ],
  [
    'several names begin so',
    { pod: 'web' },
    there,
    'there is no pod web in namespace default: 2 begin so, web-7d9c-x1, web-7d9c-x2',
  ],
  ['the namespace is not', { namespace: 'none' }, there, 'there is no namespace none'],
  ['a similar namespace is', { namespace: 'defualt' }, there, 'there is no namespace defualt: did you mean default?'],
  ['the Service is', { kind: 'service', pod: 'web' }, there, 'there'],
  [
    'the Service is not',
    { kind: 'service', pod: 'wbe' },
    there,
    'there is no Service wbe in namespace default: did you mean web?',
  ],
  ['the Deployment is', { kind: 'deployment', pod: 'web' }, there, 'there'],
  [
    'the StatefulSet is not',
    { kind: 'statefulset', pod: 'web' },
    there,
    'no pod in namespace default belongs to StatefulSet web',
  ],
  [
    'a similar Deployment is',
    { kind: 'deployment', pod: 'wbe' },
    there,
    'no pod in namespace default belongs to Deployment wbe: did you mean web?',
  ],
  [
    'the node that it sends to is not',
    { to: { kind: 'node', name: 'node-b' } },
    there,
    'there is no node node-b: did you mean node-a?',
  ],
  [
    'the source pod is not',
    { from: { kind: 'pod', namespace: 'default', name: 'gone' } },
    there,
    'there is no pod gone in namespace default',
  ],
  ['the source pod is', { from: { kind: 'pod', namespace: 'default', name: 'client' } }, there, 'there'],
  [
    'the source node is not',
    { from: { kind: 'node', name: 'node-z' } },
    there,
    'there is no node node-z: did you mean node-a?',
  ],
  ['the server is away, so it goes on', {}, null, 'not-answered'],
])('%s', async (_, change, objects, message) => {
  const answer = await checkTarget(cluster(objects), { ...target, ...change });
  expect('message' in answer ? answer.message : answer.code).toBe(message);
});

const podAt = (name: string, podIP: string, spec: object = {}, further: readonly string[] = []) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [], ...spec },
  status: { podIP, podIPs: [podIP, ...further].map((ip) => ({ ip })) },
});

test.each([
  ['10.244.1.5', 'there'],
  ['2001:db8::5', 'there'],
  ['2001:db8::6', 'no pod in namespace default has the address 2001:db8::6'],
  ['10.244.1.6', 'no pod in namespace default has the address 10.244.1.6'],
  [
    '192.0.2.1',
    "in namespace default, only pods that ended or share their node's address have 192.0.2.1: name the pod",
  ],
])('the pod of the address %s: %s', async (address, told) => {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } };
  const objects = [
    namespace,
    podAt('a', '10.244.1.5', {}, ['2001:db8::5']),
    podAt('host', '192.0.2.1', { hostNetwork: true }),
  ];
  const answer = await checkTarget(clusterOf(objects), { ...target, kind: 'address', pod: address });
  expect('message' in answer ? answer.message : answer.code).toBe(told);
});

test('names of pods are completed where one alone begins so', async () => {
  const from = { kind: 'pod', namespace: 'default', name: 'cl' } as const;
  const answer = await checkTarget(cluster(there), { ...target, pod: 'my', from });
  expect(answer).toEqual({ code: 'there', target: { ...target, from: { ...from, name: 'client' }, pod: 'mypod' } });
});
