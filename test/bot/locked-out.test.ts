import { expect, test } from '@jest/globals';
import { jobHandlers } from '../../src/jobs/worker.ts';
import { notifyLaterJob } from '../../src/model/job-catalogue.ts';
import type { QueuedJob } from '../../src/model/jobs.ts';
import { ThreadError } from '../../src/model/thread.ts';
import { at, sampleRun } from './sample-run.ts';

test('a job that Slack does not let in gives its slot back, and comes again in one job a turn', async () => {
  const added: QueuedJob[] = [];
  const { notify } = jobHandlers({
    notify: () => Promise.reject(new ThreadError('locked-out', 'Slack: invalid_auth')),
    queues: { add: async (job: QueuedJob) => void added.push(job) },
    clock: { now: () => new Date(at) },
    store: { untoldMark: async () => '1' },
  } as never);
  for (let event = 0; event < 2; event += 1) await notify.run({ run: sampleRun }, new AbortController().signal);
  expect(new Set(added.map(({ id }) => id)).size).toBe(1);
  expect(added[0]).toMatchObject({ queue: 'notify', data: { run: sampleRun }, lane: 'background' });
  // One that runs early, by the clock of another machine, is not its own successor.
  const due = added[0]?.at?.getTime() ?? 0;
  expect(due).toBeGreaterThan(Date.parse(at) + 5000);
  expect(due).toBeLessThanOrEqual(Date.parse(at) + 10_000);
  expect(notifyLaterJob(sampleRun, new Date(due - 4999)).id).not.toBe(added[0]?.id);
});
