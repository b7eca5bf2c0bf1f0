/** How the bot is, for one person: what it could not see, in which cluster. */
import { describe, expect, test } from '@jest/globals';
import { statusMessage } from '../../src/bot/render/listings.ts';
import { readStatus, type StatusDeps } from '../../src/bot/status.ts';
import type { BlindSpot, Verdict } from '../../src/model/verdict.ts';
import { at, sampleVerdict } from './sample-run.ts';

const refused: BlindSpot = {
  probe: 'node-routes',
  node: 'node-a',
  code: 'ssh-refused',
  reason: 'node-a (10.0.0.1:22): connect ECONNREFUSED',
  affects: ['pod-route-missing'],
};
const silent: BlindSpot = { ...refused, node: null, probe: 'api-server', code: 'api-unreachable', reason: 'no answer' };

const quiet: StatusDeps = {
  runs: { recent: async () => [], worker: async () => null },
  plans: { list: async () => [], off: async () => null },
  queues: { counts: async () => ({ diagnose: {}, fix: {}, notify: {} }) },
  version: '1.2.3',
  approvers: ['U0ALICE'],
  clock: { now: () => new Date(at) },
};

/** What a person reads. */
async function told(change: Partial<StatusDeps> = {}): Promise<string> {
  return JSON.stringify(statusMessage(await readStatus({ ...quiet, ...change })));
}

/** Texts of what the last runs of these verdicts missed. */
async function missedIn(...verdicts: readonly Pick<Verdict, 'cluster' | 'blindSpots'>[]): Promise<readonly string[]> {
  const recent = verdicts.map(({ cluster, blindSpots }, index) => ({
    run: `r-${index}`,
    at,
    target: { cluster, namespace: 'default', pod: 'mypod', from: null, port: null },
    requester: 'U0ALICE',
    end: { type: 'verdict' as const, at, run: `r-${index}`, verdict: { ...sampleVerdict(), cluster, blindSpots } },
  }));
  const { missed } = await readStatus({ ...quiet, runs: { recent: async () => recent, worker: async () => null } });
  return missed.map(({ text }) => text);
}

test('nodes of the same name in two clusters are two lines, and each says its cluster', async () => {
  const missed = await missedIn(
    { cluster: 'east', blindSpots: [refused] },
    { cluster: 'west', blindSpots: [refused] },
    { cluster: 'east', blindSpots: [refused] },
  );
  expect(missed).toEqual([
    expect.stringMatching(/^east: .*ECONNREFUSED/),
    expect.stringMatching(/^west: .*ECONNREFUSED/),
  ]);
});

test('many lines of one cluster do not hide the worst of another', async () => {
  const many = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ ...refused, node: name, reason: `${name}: refused` }));
  const missed = await missedIn({ cluster: 'east', blindSpots: many }, { cluster: 'west', blindSpots: [silent] });
  expect(missed.slice(0, 2)).toEqual([expect.stringMatching(/^east: /), expect.stringMatching(/^west: .*no answer/)]);
});

test('where the configuration names no cluster, a line names none', async () => {
  expect(await missedIn({ cluster: 'default', blindSpots: [silent] })).toEqual([
    expect.stringMatching(/^api-server: /),
  ]);
});

describe('the queue', () => {
  test.each([
    [
      'counts the jobs of all queues',
      { waiting: 2, prioritized: 1, active: 1 },
      { active: 1, paused: 1 },
      'Queue: 2 jobs run, 4 wait.',
    ],
    ['counts no job that ended, and none whose time comes later', { completed: 9, failed: 9, delayed: 9 }, {}, 'empty'],
    ['says that nothing waits', { waiting: 0, active: 0 }, {}, 'The queue is empty.'],
  ])('%s', async (_, diagnose, fix, expected) => {
    const counts: Awaited<ReturnType<StatusDeps['queues']['counts']>> = { diagnose, fix: { ...fix }, notify: {} };
    expect(await told({ queues: { counts: async () => counts } })).toContain(expected);
  });
});

const worker = (...versions: string[]) => ({
  runs: { ...quiet.runs, worker: async () => ({ at, versions, blind: [] }) },
});

describe('the versions', () => {
  test.each([
    ['are one where bot and worker are of one program', worker('1.2.3'), 'Version 1.2.3.'],
    ['are those of the bot where no worker works', {}, 'Version 1.2.3.'],
    ['are those of the bot where an earlier worker does not say its own', worker(), 'Version 1.2.3.'],
    ['are all told where they differ', worker('1.1.0', '1.2.3'), 'Versions differ: bot 1.2.3, worker 1.1.0, 1.2.3.'],
  ])('%s', async (_, change, expected) => {
    expect(await told(change)).toContain(expected);
  });
});
