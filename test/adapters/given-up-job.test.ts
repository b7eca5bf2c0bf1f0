import { expect, test } from '@jest/globals';
import { createJobQueues } from '../../src/adapters/queue.ts';
import { startJobWorkers } from '../../src/adapters/queue-workers.ts';
import type { JobHandler } from '../../src/model/jobs.ts';
import { until } from '../../tools/lab/run.ts';
import { startTestRedis } from '../support/redis.ts';

test('a job that throws is given up once, with what it threw, when it is not tried again', async () => {
  const redis = await startTestRedis();
  const options = { address: redis.address, onError: () => undefined };
  const [ran, abandoned]: [unknown[], unknown[]] = [[], []];
  const idle: JobHandler = { concurrency: 1, startOnce: false, run: async () => undefined };
  const throwing: JobHandler = {
    ...idle,
    run: async (data) => {
      ran.push(data);
      throw new Error(`no. ${ran.length}`);
    },
    abandoned: async (_data, { id, error }) => void abandoned.push([id, error?.message]),
  };
  const queues = createJobQueues(options);
  const workers = startJobWorkers({ diagnose: throwing, fix: idle, notify: idle }, options);
  await queues.add({ queue: 'diagnose', id: 'r-1', data: {} });
  await until('it to be given up', 15, async () => (abandoned.length > 0 ? true : null));
  expect({ ran: ran.length, abandoned }).toEqual({ ran: 2, abandoned: [['r-1', 'no. 2']] });
  await workers.stop(2000);
  await queues.close();
  await redis.stop();
}, 60_000);
