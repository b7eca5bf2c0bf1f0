/** Of objects and logs only what is needed is kept: an API server full of secrets, and all that a run stores and tells. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCaseRecorder } from '../../../src/adapters/case-recorder.ts';
import { createCluster, type Cluster } from '../../../src/adapters/kubernetes.ts';
import { readKinds } from '../../../src/adapters/kubernetes/projection.ts';
import { verdictText } from '../../../src/cli/verdict-text.ts';
import { createTargetMemory } from '../../../src/runs/target-memory.ts';
import { LookError } from '../../../src/model/look-error.ts';
import type { NodeShells } from '../../../src/model/ports.ts';
import { computed } from '../../../src/computed/registry.ts';
import { probes } from '../../../src/probes/registry.ts';
import { rules } from '../../../src/rules/registry.ts';
import { createClock } from '../../../src/adapters/clock.ts';
import { plantedSecrets, secretsIn } from '../../support/planted-secrets.ts';
import { toldRun } from '../../support/told-run.ts';
import { log, object, owned, texts } from './secret-objects.ts';

let directory: string;
let server: Server;
let cluster: Cluster;
const asked: string[] = [];
/** What managedFields of the object `written` has. */
let written: readonly object[] = [];
const changedAt = '2026-01-01T03:00:00Z';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'projection-'));
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://server');
    asked.push(pathname);
    const name = pathname.split('/').at(-1) ?? '';
    const isList =
      /^(?:pods|events|nodes|namespaces|deployments|daemonsets|replicasets|\w*policies|clusterroles|clusterrolebindings|serviceaccounts|clusterinformations|felixconfigurations|ippools|tiers|\w*networksets|installations|tigerastatuses|services|endpointslices)$/.test(
        name,
      );
    if (pathname.endsWith('/log')) response.end(log);
    else if (pathname.endsWith('subjectaccessreviews')) response.end(JSON.stringify({ status: { allowed: false } }));
    else
      response.end(
        JSON.stringify(
          isList
            ? {
                apiVersion: 'v1',
                items: [object('mypod', { namespace: 'default' }), object('other'), object('node-a')],
              }
            : object(name, {
                namespace: 'default',
                ...(name === 'owned' ? owned : {}),
                ...(name === 'written' ? { managedFields: written } : {}),
              }),
        ),
      );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const kubeconfig = join(directory, 'kubeconfig');
  await writeFile(
    kubeconfig,
    JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [
        {
          name: 'c',
          cluster: {
            'insecure-skip-tls-verify': true,
            server: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
          },
        },
      ],
      users: [{ name: 'u', user: {} }],
    }),
  );
  cluster = createCluster({ kubeconfig, timeoutMs: 60_000 });
});

afterAll(async () => {
  await cluster.close();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  await rm(directory, { recursive: true });
});

const kindOf = (text: string) => {
  const [apiVersion = '', kind = ''] = text.split(' ');
  return { apiVersion, kind };
};

test('the server is full of secrets', () => {
  expect(plantedSecrets.length).toBeGreaterThanOrEqual(38);
  expect(secretsIn(JSON.stringify(object('a')))).toHaveLength(plantedSecrets.length);
});

describe.each(readKinds)('%s', (text) => {
  test('is kept without environments, arguments, volumes and annotations, one by one and in lists', async () => {
    const answers = [
      await cluster.reader.read({ ...kindOf(text), name: 'a', namespace: 'default' }),
      await cluster.reader.list(kindOf(text)),
    ];
    for (const answer of answers) {
      const kept = JSON.stringify(answer);
      expect(answer).toMatchObject({ ok: true, request: expect.any(String) });
      expect(kept).toContain('"auth-token":"kept"');
      expect(kept).toContain('DefaultDeny');
      // Messages of a status are kept, and are redacted where they leave.
      expect(
        secretsIn(JSON.stringify(answer, (key, value: unknown) => (key === 'message' ? undefined : value))),
      ).toEqual([]);
      expect(kept).not.toMatch(
        /managedFields|example\.com|generateName|volumes|initContainers|"args"|"command"|"data"/,
      );
    }
  });
});

test.each([
  'v1 Secret',
  'v1 ConfigMap',
  'v1 ReplicationController',
  'apps/v1 StatefulSet',
  '__proto__ Pod',
  'constructor x',
  'v1 toString',
])('%s cannot be read: nobody has said what of it is needed', async (text) => {
  const before = asked.length;
  await expect(cluster.reader.read({ ...kindOf(text), name: 'a', namespace: 'default' })).rejects.toThrow(
    /are not read/,
  );
  await expect(cluster.reader.list(kindOf(text))).rejects.toThrow(/are not read/);
  expect(asked).toHaveLength(before);
});

test('what a rule reads of a pod and of the controller is there', async () => {
  const answer = await cluster.reader.read({ apiVersion: 'v1', kind: 'Pod', name: 'a', namespace: 'default' });
  expect(answer).toMatchObject({
    ok: true,
    value: {
      metadata: { name: 'a', uid: 'uid-a', resourceVersion: '1' },
      spec: {
        nodeName: 'node-a',
        serviceAccountName: 'calico-kube-controllers',
        containers: [
          {
            name: 'main',
            image: 'web',
            ports: [{ containerPort: 8080, protocol: 'TCP' }],
            env: [
              { name: 'ENABLED_CONTROLLERS', value: 'node,policy' },
              { name: 'CALICO_NETWORKING_BACKEND', value: 'bird' },
            ],
          },
        ],
      },
      status: {
        phase: 'Running',
        podIP: '10.244.1.5',
        initContainerStatuses: [{ name: 'wait', restartCount: 0, state: { terminated: { exitCode: 0 } } }],
        containerStatuses: [
          {
            name: 'main',
            restartCount: 3,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { reason: 'OOMKilled' } },
          },
        ],
      },
    },
  });
});

test('who applies an object again is there, and nobody else who wrote it', async () => {
  const fields = await cluster.reader.read({ apiVersion: 'v1', kind: 'ServiceAccount', name: 'owned', namespace: 'a' });
  expect(fields).toMatchObject({
    value: {
      metadata: {
        annotations: { 'meta.helm.sh/release-name': 'calico' },
        managedFields: [{ manager: 'argocd-controller' }],
      },
    },
  });
});

test.each([
  ['a known program', { manager: 'kubectl-edit' }, { manager: 'kubectl-edit', time: changedAt }],
  ['a program of any other name', { manager: texts[0] }, { time: changedAt }],
])('of the newest change by %s, the time is there', async (_, writer, kept) => {
  written = [
    { manager: 'kubectl-client-side-apply', time: '2026-01-01T02:00:00Z' },
    { ...writer, subresource: 'scale', time: changedAt },
    { manager: 'kube-controller-manager', subresource: 'status', time: '2026-01-01T04:00:00Z' },
    { manager: 'kubectl-patch', time: texts[1] },
  ];
  const fields = await cluster.reader.read({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    name: 'written',
    namespace: 'a',
  });
  expect(fields).toMatchObject({ value: { metadata: { managedFields: [kept] } } });
  expect(JSON.stringify(fields)).not.toMatch(/kubectl-patch|kubectl-client-side-apply|kube-controller-manager/);
});

test('of a log, the lines that tell of refusals', async () => {
  const answer = await cluster.reader.podLog({
    namespace: 'default',
    pod: 'a',
    container: 'main',
    tailLines: 1000,
    limitBytes: 1_000_000,
  });
  expect(answer.ok && answer.value.split('\n').filter((line) => !/forbidden/.test(line))).toEqual([]);
  expect(answer).toMatchObject({ value: expect.stringContaining('cannot list resource "namespaces"') });
});

const refuse = () => Promise.reject(new LookError('ssh-refused', `node-a: ${texts.join(' | ')}`));

test('a run stores and tells no secret: not in its case, not in the store, not in events, verdict or text', async () => {
  const stored = new Map<string, string>();
  const store = {
    remember: async (key: string, value: string) => void stored.set(key, value),
    recall: async (key: string) => stored.get(key) ?? null,
  };
  const memory = createTargetMemory(
    {
      store,
      warn: (what, error) => {
        throw new Error(what, { cause: error });
      },
    },
    'default',
  );
  const shells: NodeShells = {
    shell: ({ name }) => ({
      node: name,
      start: () => {
        const [ready, result] = [refuse(), refuse()];
        for (const one of [ready, result]) one.catch(() => undefined);
        return { ready, result, stop: () => undefined };
      },
    }),
    usage: () => ({}),
    close: async () => undefined,
  };
  const target = { cluster: 'default', namespace: 'default', pod: 'mypod', from: null, port: null };
  const folder = join(directory, 'case');
  const clock = createClock();
  const recorder = await createCaseRecorder({
    directory: folder,
    header: { version: '1', run: 'r-1', target, startedAt: clock.now().toISOString() },
    cluster: cluster.reader,
    shells,
    memory,
  });
  const { verdict, events } = await toldRun(
    { probes, computed, rules, clock, cluster: recorder.cluster, shells: recorder.shells, memory: recorder.memory },
    { run: 'r-1', target },
  );
  await recorder.finish();
  expect(stored.size).toBe(2);
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(8);
  const saved = await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8')));
  expect(verdict.roots.map(({ rule }) => rule)).toContain('container-killed-for-memory');
  for (const text of [
    ...saved,
    ...stored.values(),
    JSON.stringify(events),
    JSON.stringify(verdict),
    verdictText(verdict, true),
  ])
    expect(secretsIn(text)).toEqual([]);

  const plain = await toldRun(
    { probes, computed, rules, clock, cluster: cluster.reader, shells, memory },
    { run: 'r-2', target },
  );
  expect(secretsIn(JSON.stringify([plain, [...stored.values()]]))).toEqual([]);
}, 60_000);
