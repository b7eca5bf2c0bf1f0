import { expect, test } from '@jest/globals';
import { unknownOfTarget } from '../../src/runs/preflight.ts';
import type { ApiAnswer, ClusterReader, ObjectReference } from '../../src/model/ports.ts';
import type { Target } from '../../src/model/target.ts';

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
    list: unasked,
    podLog: unasked,
    accessReview: unasked,
  };
}

const target: Target = { cluster: 'default', namespace: 'default', pod: 'mypod', from: null, port: null };
const there = ['Namespace default', 'Pod default mypod', 'Pod default client', 'Node node-a'];

test.each<[string, Partial<Target>, readonly string[] | null, string]>([
  ['everything is there', {}, there, 'there'],
  ['the pod is not', { pod: 'other' }, there, 'there is no pod other in namespace default'],
  ['the namespace is not', { namespace: 'none' }, there, 'there is no namespace none'],
  [
    'the source pod is not',
    { from: { kind: 'pod', namespace: 'default', name: 'gone' } },
    there,
    'there is no pod gone in namespace default',
  ],
  ['the source pod is', { from: { kind: 'pod', namespace: 'default', name: 'client' } }, there, 'there'],
  ['the source node is not', { from: { kind: 'node', name: 'node-z' } }, there, 'there is no node node-z'],
  ['the server is away, so it goes on', {}, null, 'not-answered'],
])('%s', async (_, change, objects, message) => {
  const answer = await unknownOfTarget(cluster(objects), { ...target, ...change });
  expect(typeof answer === 'string' ? answer : answer.message).toBe(message);
});
