import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Verdict } from '../../src/model/verdict.ts';
import { startDiagnosis } from '../../tools/lab/diagnosis.ts';
import { breakFault, healFaults } from '../../tools/lab/faults/apply.ts';
import { describeLab } from '../../tools/lab/harness.ts';
import { labPaths, projectRoot } from '../../tools/lab/paths.ts';
import { attempt, run } from '../../tools/lab/run.ts';
import { sharedLab } from '../../tools/lab/shared-lab.ts';
import { readTopology } from '../../tools/lab/state.ts';
import { stopApiServer } from './disturbances.ts';

const asked = ['default/mypod', '--from', 'pod:default/client'];
const nobody = 65_534;

/** As a user without rights, in an empty environment: no lab, no cluster, no Redis to be found. */
const replay = (folder: string, ...rest: string[]) =>
  attempt([
    'setpriv',
    '--reuid',
    String(nobody),
    '--regid',
    String(nobody),
    '--clear-groups',
    'env',
    '-i',
    process.execPath,
    `${projectRoot}/src/main.ts`,
    'replay',
    folder,
    ...rest,
  ]);

/** What a verdict says of the cluster: without the times of this run, and the ids of plans, which a replay does not make. */
function lasting(verdict: Verdict): unknown {
  const { timings, steps, ...rest } = verdict;
  expect(timings.totalMs).toBeGreaterThanOrEqual(0);
  const withoutTimes = steps.map(({ startedAt, durationMs, ...step }) => {
    expect([startedAt, durationMs]).toEqual([expect.any(String), expect.any(Number)]);
    return step;
  });
  return JSON.parse(
    JSON.stringify({ ...rest, steps: withoutTimes }, (key, value: unknown) => (key === 'plan' ? null : value)),
  );
}

describeLab('a saved case', () => {
  const name = sharedLab('--dataplane', 'legacy');
  const paths = labPaths(name);
  const saved = new Map<string, Verdict>();
  const secrets: string[] = [];
  let folder = '';
  const save = async (what: string) =>
    saved.set(what, (await startDiagnosis(name, ...asked, '--case', join(folder, what))).verdict);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cases-'));
    await save('healthy');
    const comeBack = await stopApiServer(name);
    await save('remembered');
    await comeBack();
    await breakFault(readTopology(paths), 'first-case', []);
    await save('first-case');
    await healFaults(readTopology(paths), null);
    secrets.push(...(await secretsOf(paths.root)));
    await run(['chown', '-R', `${nobody}:${nobody}`, folder]);
  }, 240_000);
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  test.each([
    ['healthy', 0, 'healthy', []],
    ['remembered', 2, 'inconclusive', []],
    ['first-case', 1, 'fault', ['controller-forbidden', 'ipip-lost-between-nodes']],
  ])(
    '%s is judged alike without the lab, without rights and in an empty environment',
    async (what, exit, says, roots) => {
      const { status, stdout, stderr } = await replay(join(folder, what), '--json');
      expect([status, stderr]).toEqual([exit, '']);
      const [replayed, original]: (Verdict | undefined)[] = [JSON.parse(stdout), saved.get(what)];
      if (!replayed || !original) throw new Error('no verdict');
      expect([replayed.verdict, replayed.roots.map(({ rule }) => rule).toSorted()]).toEqual([says, roots]);
      expect(lasting(replayed)).toEqual(lasting(original));
    },
    60_000,
  );

  test('an expected root is found or not, or is no rule at all', async () => {
    const expected = [
      ['first-case', 'ipip-lost-between-nodes', 0],
      ['first-case', 'pod-profile-missing', 1],
      ['healthy', 'ipip-lost-between-nodes', 1],
      ['healthy', 'no-such-rule', 3],
      ['no-such-case', 'ipip-lost-between-nodes', 3],
    ] as const;
    const got = await Promise.all(
      expected.map(async ([what, rule]) => [what, rule, (await replay(join(folder, what), '--expect', rule)).status]),
    );
    expect(got).toEqual(expected);
  }, 60_000);

  test('it holds no secret of the cluster', async () => {
    expect(secrets.length).toBeGreaterThan(10);
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(50);
    const holding = await Promise.all(
      files.map(async (file) => {
        const text = await readFile(join(file.parentPath, file.name), 'utf8');
        return secrets.some((secret) => text.includes(secret)) ? [file.name] : [];
      }),
    );
    expect(holding.flat()).toEqual([]);
  });
});

/** Lines of every private key and every token that a lab keeps on disk. */
async function secretsOf(root: string): Promise<string[]> {
  const files = (await run(['grep', '-rlE', '--include=*', '--exclude-dir=state', 'PRIVATE KEY|^ +token: ', root]))
    .trim()
    .split('\n');
  const texts = await Promise.all(files.map((file) => readFile(file, 'latin1')));
  return [
    ...new Set(
      texts.flatMap((text) => [
        ...[...text.matchAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----\n([\s\S]*?)-----END/g)].flatMap(([, body = '']) =>
          body
            .trim()
            .split('\n')
            .filter((line) => line.length > 40),
        ),
        ...[...text.matchAll(/^ +token: (\S+)$/gm)].map(([, token = '']) => token),
      ]),
    ),
  ];
}
