import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { removeOldSchedules } from '../../src/adapters/old-schedules.ts';
import { createJobQueues, laneName } from '../../src/adapters/queue.ts';
import { redisOptions } from '../../src/adapters/redis-connection.ts';
import { startJobWorkers } from '../../src/adapters/queue-workers.ts';
import {
  QueueUnreachable,
  type JobHandler,
  type JobHandlers,
  type JobQueues,
  type JobWorkers,
} from '../../src/model/jobs.ts';
import { startTestRedis } from '../support/redis.ts';
import { until } from '../../tools/lab/run.ts';
import { freePort } from '../../tools/lab/free-port.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let queues: JobQueues;
let workers: JobWorkers[] = [];
let number = 0;
let prefix: string;
const quiet = () => undefined;
const idle: JobHandler = { concurrency: 1, startOnce: false, run: async () => undefined };
const work = (handlers: Partial<JobHandlers>, lockMs?: number) => {
  const started = startJobWorkers(
    { diagnose: idle, fix: idle, notify: idle, ...handlers },
    { address: redis.address, onError: quiet, prefix, ...(lockMs ? { lockMs } : {}) },
  );
  workers.push(started);
  return started;
};

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());
beforeEach(() => {
  number += 1;
  prefix = `test-${number}`;
  queues = createJobQueues({ address: redis.address, onError: quiet, prefix });
});
afterEach(async () => {
  await Promise.all(workers.map((each) => each.stop(2000)));
  workers = [];
  await queues.close();
});

test('a worker takes the jobs of its clusters only, and one that is busy holds up no other cluster', async () => {
  const clusters = ['east', 'west'];
  const ran: string[] = [];
  const stuck = Promise.withResolvers<void>();
  const note = (where: string): JobHandler => ({
    ...idle,
    run: async (data) => {
      ran.push(`${where}: ${JSON.stringify(data)}`);
      if (where === 'east') await stuck.promise;
    },
  });
  const both = createJobQueues({ address: redis.address, onError: quiet, prefix, clusters });
  for (const cluster of clusters) {
    const handlers = { diagnose: note(cluster), fix: idle, notify: idle };
    workers.push(startJobWorkers(handlers, { address: redis.address, onError: quiet, prefix, clusters: [cluster] }));
  }
  const add = (cluster: string, id: string) => both.add({ queue: 'diagnose', cluster, id, data: [id] });
  for (const id of ['e-1', 'e-2']) await add('east', id);
  for (const id of ['w-1', 'w-2']) await add('west', id);
  await until('the jobs of the other', 10, async () =>
    (await both.counts()).diagnose['completed'] === 2 && ran.length === 3 ? true : null,
  );
  expect(ran.toSorted()).toEqual(['east: ["e-1"]', 'west: ["w-1"]', 'west: ["w-2"]']);
  stuck.resolve();
  await expect(add('north', 'n-1')).rejects.toThrow('there is no queue diagnose.north');
  await both.close();
});

test('a job that is added many times runs once, also after it ended', async () => {
  const ran: unknown[] = [];
  const handler: JobHandler = { ...idle, run: async (data) => void ran.push(data) };
  work({ fix: handler });
  work({ fix: handler });
  const add = () => queues.add({ queue: 'fix', id: 'p-1.apply', data: { plan: 'p-1' } });
  await Promise.all([add(), add(), add()]);
  await until('the job to end', 5, async () => ((await queues.counts()).fix['completed'] === 1 ? true : null));
  await add();
  await queues.add({ queue: 'fix', id: 'p-2.apply', data: { plan: 'p-2' } });
  await until('the second job to end', 5, async () => ((await queues.counts()).fix['completed'] === 2 ? true : null));
  expect(ran).toEqual([{ plan: 'p-1' }, { plan: 'p-2' }]);
});

test('jobs of one key: while one runs a single one follows, and it comes after the last was added', async () => {
  const ran: string[] = [];
  const gate = Promise.withResolvers<void>();
  work({
    notify: {
      ...idle,
      concurrency: 5,
      run: async (data) => {
        ran.push(JSON.stringify(data));
        if (ran.length === 1) await gate.promise;
      },
    },
  });
  const add = (event: number) => queues.add({ queue: 'notify', id: `r-1.${event}`, data: { event }, coalesce: 'r-1' });
  await add(1);
  await until('the first to run', 5, async () => (ran.length === 1 ? true : null));
  for (const event of [2, 3, 4]) await add(event);
  gate.resolve();
  await until('the last to run', 5, async () => (ran.length === 2 ? true : null));
  await queues.add({ queue: 'notify', id: 'r-2.1', data: { event: 'other' }, coalesce: 'r-2' });
  await until('the other to run', 5, async () => (ran.length === 3 ? true : null));
  expect(ran).toEqual(['{"event":1}', '{"event":4}', '{"event":"other"}']);
});

test('a job for a moment to come runs once, at that moment, and leaves no schedule', async () => {
  const at: number[] = [];
  work({ diagnose: { ...idle, lanes: { background: 1 }, run: async () => void at.push(Date.now()) } });
  const begun = Date.now();
  const job = { queue: 'diagnose', id: 'later', data: {}, lane: 'background', at: new Date(begun + 400) } as const;
  for (let i = 0; i < 2; i += 1) await queues.add(job);
  await queues.add({ ...job, id: 'overdue', at: new Date(begun - 1000) });
  await until('both to run', 5, async () => (at.length === 2 ? true : null));
  expect(at[1]! - begun).toBeGreaterThanOrEqual(390);
  const own = new Queue(laneName('diagnose', 'background'), { connection: redisOptions(redis.address), prefix });
  expect([await own.getJobSchedulers(), await own.getDelayedCount()]).toEqual([[], 0]);
  await own.close();
});

test('schedules that earlier versions left are removed once they are over, and no others', async () => {
  const hour = 3_600_000;
  const queueOf = (name: 'notify' | 'diagnose') =>
    new Queue(laneName(name, 'background'), { connection: redisOptions(redis.address), prefix });
  const client = new Redis(redisOptions(redis.address));
  const own = { notify: queueOf('notify'), diagnose: queueOf('diagnose') };
  const schedule = async (queue: 'notify' | 'diagnose', id: string, next: number) => {
    await queues.schedule({ queue, id, data: {}, firstAt: new Date(Date.now() + hour), everyMs: 60_000, times: 9 });
    await client.zadd(own[queue].toKey('repeat'), Date.now() + next, id);
  };
  await schedule('notify', 'expiry.p-1', -25 * hour);
  await schedule('notify', 'expiry.p-2', hour);
  await schedule('notify', 'expiry.p-3', -hour);
  await schedule('diagnose', 'after-silence.r-1.1', -25 * hour);
  await schedule('diagnose', 'follow-up.r-1', -25 * hour);
  await schedule('diagnose', 'expiry.r-1', -25 * hour);
  const remove = () =>
    removeOldSchedules({ address: redis.address, prefix, onError: (error) => expect(error).toBeNull() });
  expect([await remove(), await remove()]).toEqual([2, 0]);
  const left = await Promise.all([own.notify, own.diagnose].map((queue) => queue.getJobSchedulers()));
  expect(left.map((schedules) => schedules.map(({ key }) => key).toSorted())).toEqual([
    ['expiry.p-2', 'expiry.p-3'],
    ['expiry.r-1', 'follow-up.r-1'],
  ]);
  await Promise.all([own.notify.close(), own.diagnose.close(), client.quit()]);
  for (const id of ['expiry.r-1', 'follow-up.r-1']) await queues.unschedule('diagnose', id);
  for (const id of ['expiry.p-2', 'expiry.p-3']) await queues.unschedule('notify', id);
});

test('a schedule begins when it shall, goes on as often as it shall, and can be ended', async () => {
  const at: number[] = [];
  work({ diagnose: { ...idle, lanes: { background: 1 }, run: async () => void at.push(Date.now()) } });
  const begun = Date.now();
  const job = {
    queue: 'diagnose',
    id: 'follow-up.r-1',
    data: { run: 'r-1' },
    firstAt: new Date(begun + 400),
    everyMs: 200,
    times: 3,
  } as const;
  await queues.schedule(job);
  await queues.schedule(job);
  await until('three ticks', 5, async () => (at.length === 3 ? true : null));
  expect(at[0]! - begun).toBeGreaterThanOrEqual(390);

  await queues.schedule({ ...job, id: 'follow-up.r-2', firstAt: new Date(Date.now() + 300), times: 1000 });
  await until('a fourth tick', 5, async () => (at.length >= 4 ? true : null));
  await queues.unschedule('diagnose', 'follow-up.r-2');
  await until('the queue to be empty', 5, async () => {
    const { waiting = 0, delayed = 0, active = 0 } = (await queues.counts()).diagnose;
    return waiting + delayed + active === 0 ? true : null;
  });
});

const workersModule = JSON.stringify(new URL('../../src/adapters/queue-workers.ts', import.meta.url).href);
/** A worker of another process takes a job and is killed. */
const dying = async (queue: 'fix' | 'diagnose') => {
  const program = `import { startJobWorkers } from ${workersModule};
    const idle = { concurrency: 1, startOnce: false, run: async () => undefined };
    const stuck = { ...idle, startOnce: ${queue === 'fix'}, run: () => { console.log('running'); return new Promise(() => undefined); } };
    startJobWorkers({ diagnose: idle, fix: idle, notify: idle, ${queue}: stuck }, { address: ${JSON.stringify(redis.address)}, onError: () => undefined, prefix: ${JSON.stringify(prefix)}, lockMs: 600 });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await queues.add({ queue, id: 'j-1', data: { plan: 'p-1' } });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
};

describe('a worker that dies in the middle', () => {
  test('leaves a fix that is not started again, but given up once', async () => {
    await dying('fix');
    const [ran, abandoned]: [unknown[], unknown[]] = [[], []];
    const handler: JobHandler = {
      concurrency: 1,
      startOnce: true,
      run: async (data) => void ran.push(data),
      abandoned: async (data) => void abandoned.push(data),
    };
    work({ fix: handler }, 600);
    work({ fix: handler }, 600);
    await until('the fix to be given up', 10, async () => (abandoned.length > 0 ? true : null));
    await queues.add({ queue: 'fix', id: 'j-2', data: { plan: 'p-2' } });
    await until('the next fix', 5, async () => (ran.length > 0 ? true : null));
    expect({ ran, abandoned }).toEqual({ ran: [{ plan: 'p-2' }], abandoned: [{ plan: 'p-1' }] });
  }, 20_000);

  test('leaves a diagnosis that others find long before a lock of theirs would run out', async () => {
    await dying('diagnose');
    const ran: unknown[] = [];
    const [lockMs, begun] = [60_000, performance.now()];
    work({ diagnose: { ...idle, run: async (data) => void ran.push(data) } }, lockMs);
    await until('the diagnosis to run again', 90, async () => (ran.length > 0 ? true : null));
    expect(performance.now() - begun).toBeLessThan(lockMs);
  }, 120_000);

  test('leaves a diagnosis that another worker does again', async () => {
    await dying('diagnose');
    const ran: unknown[] = [];
    work({ diagnose: { ...idle, run: async (data) => void ran.push(data) } }, 600);
    await until('the diagnosis to run again', 10, async () => (ran.length > 0 ? true : null));
    expect(ran).toEqual([{ plan: 'p-1' }]);
  }, 20_000);
});

test('stopping waits for a running job, and aborts it when its time is over', async () => {
  const ended: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = work({
    fix: {
      ...idle,
      run: async () => {
        await gate.promise;
        ended.push('waited for');
      },
    },
  });
  await queues.add({ queue: 'fix', id: 'a', data: {} });
  await until('it to run', 5, async () => ((await queues.counts()).fix['active'] === 1 ? true : null));
  const stopping = first.stop(5000);
  gate.resolve();
  await stopping;

  const second = work({
    fix: {
      ...idle,
      run: (_data, signal) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => {
            ended.push('aborted');
            reject(new Error('stopped'));
          }),
        ),
    },
  });
  await queues.add({ queue: 'fix', id: 'b', data: {} });
  await until('it to run', 5, async () => ((await queues.counts()).fix['active'] === 1 ? true : null));
  await second.stop(50);
  expect(ended).toEqual(['waited for', 'aborted']);
});

test('without a server, adding fails at its deadline and says so', async () => {
  const address = `redis://127.0.0.1:${await freePort()}`;
  const lost = [300, 6000].map((deadlineMs) => createJobQueues({ address, onError: quiet, deadlineMs }));
  const ended: string[] = [];
  const [soon, late] = lost.map(async (queues, at) => {
    await expect(queues.add({ queue: 'diagnose', id: 'r-1', data: {} })).rejects.toThrow(QueueUnreachable);
    ended.push(`add ${at}`);
    await expect(
      queues.schedule({ queue: 'diagnose', id: 's', data: {}, firstAt: new Date(), everyMs: 1000, times: 1 }),
    ).rejects.toThrow(QueueUnreachable);
    ended.push(`schedule ${at}`);
  });
  await soon;
  expect(ended).toEqual(['add 0', 'schedule 0']);
  await late;
  for (const queues of lost) await queues.close();
});
