/** Names in paths: some are written by whoever makes a pod, or a job. */
import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createCluster } from '../../../src/adapters/kubernetes.ts';
import { collectionPath, isStraight, objectPath } from '../../../src/adapters/kubernetes/paths.ts';

const named = (kind: string, value: object) => [{ name: 'x', [kind]: value }];
const astray = ['..', '.', '', 'a/b', '../../nodes/node-a', '..%2f..', 'a%b', '/'];

describe.each(astray)('the name "%s"', (name) => {
  test('makes no path that is followed', () => {
    const pod = { apiVersion: 'v1', kind: 'Pod' };
    expect(isStraight(objectPath({ ...pod, namespace: 'default', name }))).toBe(false);
    expect(isStraight(objectPath({ ...pod, namespace: name, name: 'x' }))).toBe(false);
    expect(isStraight(`${objectPath({ ...pod, namespace: 'default', name })}/log?tailLines=5`)).toBe(false);
    expect(isStraight(collectionPath({ ...pod, namespace: name }))).toBe(false);
  });
});

test.each(['mypod', 'a.b-c', 'system:node', '...', '.a', 'a..b', 'kns.default', String.raw`a\b`, 'a?b#c', 'ä'])(
  'the name "%s" is asked for',
  (name) => {
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name };
    const path = objectPath(role);
    expect(isStraight(path)).toBe(true);
    expect(new URL(path, 'https://api').pathname).toBe(path);
  },
);

test('nothing is sent for a name that leads to another object: neither a read, a list, a log nor a write', async () => {
  const folder = mkdtempSync(`${tmpdir()}/paths-`);
  const kubeconfig = `${folder}/config`;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'x',
    // Nobody listens there: what is sent is told as not answered.
    clusters: named('cluster', { server: 'https://127.0.0.1:1' }),
    users: named('user', {}),
    contexts: named('context', { cluster: 'x', user: 'x' }),
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
  const cluster = createCluster({ kubeconfig });
  const { reader, writer } = cluster;
  try {
    const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'default' };
    for (const name of astray) {
      const log = { namespace: 'default', pod: name, container: 'c', tailLines: 5, limitBytes: 100 };
      const scale = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: name, name: 'x', subresource: 'scale' };
      const answers = await Promise.all([
        reader.read({ ...pod, name }),
        reader.list({ ...pod, namespace: name, limit: 5 }),
        reader.podLog(log),
        writer.merge(scale as never, {}, { resourceVersion: '1' } as never, { dryRun: true }),
      ]);
      const unasked = { ok: false, status: null, reason: 'no object has such a name: nothing was asked' };
      expect(answers).toEqual(answers.map(() => expect.objectContaining(unasked)));
    }
  } finally {
    await cluster.close();
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
