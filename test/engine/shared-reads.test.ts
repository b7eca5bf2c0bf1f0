import { expect, test } from '@jest/globals';
import { sharedReads } from '../../src/engine/shared-reads.ts';
import type { ApiAnswer, ClusterReader } from '../../src/model/ports.ts';

const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'mypod' };
const nodes = { apiVersion: 'v1', kind: 'Node' };
const at = '2026-11-23T18:00:00Z';

/** A reader that counts, and a clock that stands still until it is moved. */
function counted(status: 200 | 403 | 404 = 200) {
  const asked: string[] = [];
  const time = { ms: 0 };
  const answer = (request: string): Promise<ApiAnswer<never>> => {
    asked.push(request);
    const told = { request, at };
    return Promise.resolve(
      (status === 200 ? { ok: true, value: {}, ...told } : { ok: false, status, reason: 'no', ...told }) as never,
    );
  };
  const cluster: ClusterReader = {
    read: ({ name }) => answer(`read ${name}`),
    list: ({ kind }) => answer(`list ${kind}`),
    podLog: () => answer('log'),
    accessReview: () => answer('review'),
  };
  return { asked, time, reader: sharedReads(cluster, { now: () => new Date(time.ms) }) };
}

test('the same question of the same moment is asked once, in whichever order its parts stand', async () => {
  const { asked, reader } = counted();
  const { namespace, name, kind, apiVersion } = pod;
  await Promise.all([reader.read(pod), reader.read({ name, namespace, kind, apiVersion }), reader.list(nodes)]);
  await reader.list(nodes);
  await reader.list({ ...nodes, limit: 5 });
  expect(asked).toEqual(['read mypod', 'list Node', 'list Node']);
});

test('a second later it is asked again: it may have changed', async () => {
  const { asked, reader, time } = counted();
  await reader.read(pod);
  time.ms = 1000;
  await reader.read(pod);
  expect(asked).toEqual(['read mypod', 'read mypod']);
});

test('that there is no such object is an answer, and a refusal is none', async () => {
  for (const [status, times] of [
    [404, 1],
    [403, 2],
  ] as const) {
    const { asked, reader } = counted(status);
    await reader.read(pod);
    await reader.read(pod);
    expect(asked.length).toBe(times);
  }
});

test('logs and reviews are asked every time', async () => {
  const { asked, reader } = counted();
  const log = { namespace: 'default', pod: 'mypod', container: 'main', tailLines: 1, limitBytes: 1 };
  await Promise.all([reader.podLog(log), reader.podLog(log)]);
  const review = { user: 'u', groups: [], group: '', resource: 'pods', verb: 'get' };
  await Promise.all([reader.accessReview(review), reader.accessReview(review)]);
  expect(asked).toEqual(['log', 'log', 'review', 'review']);
});
