/** Secrets leave neither with a case nor with a verdict; what merely looks like one changes no judgement. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCaseRecorder } from '../../src/adapters/case-recorder.ts';
import { openCase } from '../../src/adapters/case-replay.ts';
import { replayCommand } from '../../src/cli/replay.ts';
import { verdictText } from '../../src/cli/verdict-text.ts';
import type { DiagnoseDeps } from '../../src/engine/diagnose.ts';
import type { Clock, ClusterReader } from '../../src/model/ports.ts';
import type { Target } from '../../src/model/target.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { computed } from '../../src/computed/registry.ts';
import { probes } from '../../src/probes/registry.ts';
import { rules } from '../../src/rules/registry.ts';
import { plantedSecrets, secretsIn } from '../support/planted-secrets.ts';
import { toldRun } from '../support/told-run.ts';
import { captureCluster } from './capture-cluster.ts';
import { captureShells } from './capture-shells.ts';
import { readCapture, type Capture } from './capture.ts';

const clock: Clock = { now: () => new Date('2026-11-23T18:00:10Z'), sleep: async () => {} };
const target: Target = {
  cluster: 'default',
  namespace: 'default',
  pod: 'mypod',
  from: { kind: 'pod', namespace: 'default', name: 'client' },
  port: { protocol: 'tcp', number: 8080 },
};
const original = readCapture('policies-legacy');

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'case-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** The capture with a label on every endpoint, a selector that asks for it, and a foreign rule with a comment. */
function withHostile({
  key,
  value,
  asked,
  comment,
}: {
  readonly key: string;
  readonly value: string;
  readonly asked: string;
  readonly comment: string;
}): Capture {
  const rule = `[0:0] -A FORWARD -s 203.0.113.7/32 -m comment --comment "${comment.replaceAll(/[\\"]/g, String.raw`\$&`)}" -j DROP`;
  return {
    ...original,
    text(path) {
      const text = original.text(path);
      return path.includes('iptables-legacy-save')
        ? (text?.replace(/^(?=\[\d+:\d+\] -A FORWARD )/m, `${rule}\n`) ?? null)
        : text;
    },
    endpoints: original.endpoints.map((endpoint) => ({
      ...endpoint,
      metadata: { ...endpoint.metadata, labels: { ...endpoint.metadata.labels, [key]: value } },
    })),
    policies: original.policies.map((policy) => ({
      ...policy,
      spec: { ...policy.spec, selector: `(${policy.spec.selector ?? 'all()'}) && ${key} == '${asked}'` },
    })),
  };
}

async function judged(
  ports: Omit<DiagnoseDeps, 'probes' | 'computed' | 'rules'>,
): Promise<{ readonly verdict: Verdict; readonly events: string }> {
  const { verdict, events } = await toldRun({ probes, computed, rules, ...ports }, { run: 'r-case', target });
  return { verdict, events: JSON.stringify(events) };
}

async function filesOfCase(): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

/** The run as it is, the run that is saved, and the saved run again; and all files of the case. */
async function threeWays(capture: Capture, cluster: ClusterReader = captureCluster(capture)) {
  await rm(directory, { recursive: true });
  const plain = await judged({ clock, cluster, shells: captureShells(capture) });
  const recorder = await createCaseRecorder({
    directory,
    header: { version: '1', run: 'r-case', target, startedAt: clock.now().toISOString() },
    cluster,
    shells: captureShells(capture),
  });
  const saved = await judged({ clock, cluster: recorder.cluster, shells: recorder.shells });
  await recorder.finish();
  const { header: _, ...ports } = await openCase(directory);
  const replayed = await judged(ports);
  const stored = (await Promise.all((await filesOfCase()).map((file) => readFile(file, 'utf8')))).join('\n');
  return { plain, saved, replayed, stored };
}

/** What a verdict says of the cluster: without times, and without where a case holds what was read. */
const lasting = (verdict: Verdict): unknown =>
  JSON.parse(
    JSON.stringify({ ...verdict, steps: verdict.steps.map(({ id, status }) => [id, status]) }, (key, value: unknown) =>
      ['file', 'at', 'timings'].includes(key) ? null : value,
    ),
  );

const keys = ['auth-token', 'password', 'api-key', 'secret', 'pw', 'cookie', 'credentials', 'app.example.com/token'];
const values = [
  'x',
  'xoxb-1234567890ab',
  'ghp_ABCDEFGHIJKLMNOP',
  'AKIAABCDEFGHIJKLMNOP',
  'eyJhbGciOiJSUzI1NiIsIm',
  '12345',
  'true',
];
const comments = [
  '-----BEGIN PRIVATE KEY-----',
  '-----END PRIVATE KEY-----',
  'token:',
  'password: ',
  'a "quoted" token="',
  ...plantedSecrets.map(({ text }) => text),
];

describe('a verdict is of the original, and a replay reaches the same', () => {
  test.each([
    [
      'a selector that asks for a label called auth-token',
      { key: 'auth-token', value: 'x', asked: 'x', comment: 'none' },
    ],
    [
      "a rule's comment that begins like a private key",
      { key: 'app', value: 'web', asked: 'web', comment: '-----BEGIN PRIVATE KEY-----' },
    ],
  ])(
    '%s',
    async (_, hostile) => {
      const usual = await judged({ clock, cluster: captureCluster(original), shells: captureShells(original) });
      const { plain, saved, replayed } = await threeWays(withHostile(hostile));
      for (const { verdict } of [plain, saved, replayed])
        expect([verdict.verdict, verdict.blindSpots, verdict.roots.map(({ rule }) => rule)]).toEqual([
          usual.verdict.verdict,
          usual.verdict.blindSpots,
          usual.verdict.roots.map(({ rule }) => rule),
        ]);
      expect(plain.events).not.toContain('[redacted]');
    },
    60_000,
  );

  test('whatever labels, selectors and comments say', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...keys),
        fc.constantFrom(...values),
        fc.boolean(),
        fc.constantFrom(...comments),
        async (key, value, matches, comment) => {
          const { plain, saved, replayed } = await threeWays(
            withHostile({ key, value, asked: matches ? value : 'another', comment }),
          );
          expect(lasting(saved.verdict)).toEqual(lasting(plain.verdict));
          expect(lasting(replayed.verdict)).toEqual(lasting(plain.verdict));
        },
      ),
      { numRuns: 15 },
    );
  }, 300_000);
});

test('secrets in comments and logs are neither in the case nor in what is told', async () => {
  const comment = plantedSecrets.map(({ text }) => text).join(' ; ');
  const capture = withHostile({ key: 'app', value: 'web', asked: 'web', comment });
  const cluster = captureCluster(capture);
  const log = plantedSecrets.map(({ text }) => `[WARNING] ${text} is forbidden`).join('\n');
  const leaking: Capture = { ...capture, text: (path) => (path.endsWith('.log') ? log : capture.text(path)) };
  expect(await cluster.list({ apiVersion: 'v1', kind: 'Node' })).toMatchObject({ ok: true });
  expect(secretsIn(leaking.text('n1/iptables-legacy-save-c.txt') ?? '').length).toBeGreaterThan(30);
  const { plain, saved, replayed, stored } = await threeWays(leaking, {
    ...captureCluster(leaking),
    list: async (what) =>
      what.kind === 'ClusterRoleBinding'
        ? { ok: false, status: null, reason: `no answer for ${unkept}`, request: 'LIST', at: '' }
        : cluster.list(what),
  });
  expect(stored).toContain('203.0.113.7');
  expect(secretsIn(stored)).toEqual([]);
  for (const { verdict, events } of [plain, saved, replayed])
    expect(secretsIn(`${events}${JSON.stringify(verdict)}${verdictText(verdict, true)}`)).toEqual([]);
  for (const text of [plain.events, saved.events, stored]) {
    expect(text).toContain('no answer for [redacted]');
    expect(text).not.toContain(unkept);
  }

  for (const file of await filesOfCase()) {
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replaceAll('[redacted]', unkept));
  }
  for (const format of ['json', 'text'] as const) {
    const said: string[] = [];
    const out = (text: string) => void said.push(text);
    const { signal } = new AbortController();
    await replayCommand(
      { folder: directory, format, verbose: true },
      { out, told: out, err: out, progress: () => undefined, questions: null, environment: {}, signal },
    );
    expect(said.join('')).toContain('[redacted]');
    expect(said.join('')).not.toContain(unkept);
  }
}, 60_000);

/** What an API server may say, and what a person may have put into a case by hand. */
const unkept = 'xoxb-123456789012-abcdefghijkl';
