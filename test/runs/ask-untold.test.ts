/** A thread that nobody told, because a program ended or Slack was away, is told when both are back. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { jobHandlers, type WorkerDeps } from '../../src/jobs/worker.ts';
import { untoldJob } from '../../src/model/job-catalogue.ts';
import type { QueuedJob } from '../../src/model/jobs.ts';
import { withoutSecrets } from '../../src/model/stored-event.ts';
import { ThreadError } from '../../src/model/thread.ts';
import { askUntold } from '../../src/runs/ask-untold.ts';
import { noQuestions } from '../support/no-questions.ts';
import { house, houseDeps } from '../support/house.ts';
import { startTestStore } from '../support/redis.ts';

let kept: Awaited<ReturnType<typeof startTestStore>>;
beforeAll(async () => {
  kept = await startTestStore();
});
afterAll(() => kept.stop());

const never = new AbortController().signal;
const untold = async () => (await kept.store.untold(0, 10)).map(({ run }) => run).toSorted();
const say = (run: string) =>
  kept.store.append(run, withoutSecrets({ at: '2026-01-01T00:00:00.000Z', type: 'cancelled', by: 'ann' }));

/** The worker's part for Slack, with what happens when it tells. */
function notify(telling: () => Promise<void>) {
  const deps: WorkerDeps = { ...houseDeps(house(), kept.store), followUpMinutes: [], ...noQuestions, notify: telling };
  return jobHandlers(deps).notify;
}
const tell = (run: string, telling: () => Promise<void>) => notify(telling).run({ run }, never);

test('a run is untold until its last event is told', async () => {
  await say('r-1');
  expect(await untold()).toEqual(['r-1']);
  await expect(tell('r-1', () => Promise.reject(new ThreadError('unknown', 'Slack did not answer')))).rejects.toThrow();
  expect(await untold()).toEqual(['r-1']);
  await tell('r-1', async () => void (await say('r-1')));
  expect(await untold()).toEqual(['r-1']);
  await tell('r-1', async () => undefined);
  expect(await untold()).toEqual([]);
});

test('of what is untold, what is younger than was asked is left, and no more than was asked is listed', async () => {
  await say('r-2');
  await say('r-3');
  expect(await kept.store.untold(60_000, 10)).toEqual([]);
  expect(await kept.store.untold(0, 1)).toEqual([{ run: 'r-3', sinceMs: expect.any(Number) }]);
  const [{ sinceMs } = { sinceMs: -1 }] = await kept.store.untold(0, 1);
  expect(sinceMs).toBeGreaterThanOrEqual(0);
});

test('the notifier is asked for each, once a turn', async () => {
  const added: QueuedJob[] = [];
  const look = (sinceMs: number) =>
    askUntold({
      store: { untold: async () => [{ run: 'r-9', sinceMs }] },
      queues: { add: async (job) => void added.push(job) },
      clock: { now: () => new Date('2026-01-01T00:00:00Z'), sleep: async () => undefined },
    });
  await look(31_000);
  await look(32_000);
  expect(added).toMatchObject([{ queue: 'notify', data: { run: 'r-9' }, lane: 'background', coalesce: 'r-9' }, {}]);
  expect(new Set(added.map(({ id }) => id)).size).toBe(1);
});

/** How many jobs two hours have. */
const turns = (sinceMs: number) =>
  new Set(Array.from({ length: 120 }, (_, minute) => untoldJob('r', sinceMs, new Date(minute * 60_000)).id)).size;

test('the older it is, the rarer: every minute, every ten, every hour', () => {
  const hour = 3_600_000;
  expect([turns(60_000), turns(2 * hour), turns(48 * hour)]).toEqual([120, 12, 2]);
});
