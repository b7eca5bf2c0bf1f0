/** How the bot is, for one person: what it could not see, in which cluster. */
import { expect, test } from '@jest/globals';
import { readStatus } from '../../src/bot/status.ts';
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

/** Texts of what the last runs of these verdicts missed. */
async function missedIn(...verdicts: readonly Pick<Verdict, 'cluster' | 'blindSpots'>[]): Promise<readonly string[]> {
  const recent = verdicts.map(({ cluster, blindSpots }, index) => ({
    run: `r-${index}`,
    at,
    target: { cluster, namespace: 'default', pod: 'mypod', from: null, port: null },
    requester: 'U0ALICE',
    end: { type: 'verdict' as const, at, run: `r-${index}`, verdict: { ...sampleVerdict(), cluster, blindSpots } },
  }));
  const { missed } = await readStatus({
    runs: { recent: async () => recent, worker: async () => null },
    plans: { list: async () => [], off: async () => null },
    approvers: [],
    clock: { now: () => new Date(at) },
  });
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
