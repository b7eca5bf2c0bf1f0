/** A Redis that takes connections and never answers, from the first moment or from some moment on. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createAuditLog } from '../../src/adapters/audit-log.ts';
import { createJobQueues } from '../../src/adapters/queue.ts';
import { startJobWorkers } from '../../src/adapters/queue-workers.ts';
import { redisOptions } from '../../src/adapters/redis-connection.ts';
import { readRedisInfo } from '../../src/adapters/redis-info.ts';
import { createRunStore } from '../../src/adapters/run-store.ts';
import { QueueUnreachable, type JobHandler } from '../../src/model/jobs.ts';
import { onlyCluster } from '../../src/model/known-clusters.ts';
import { StoreUnreachable } from '../../src/model/runs.ts';
import { connectionsOf, listen, type Connections } from '../support/listening.ts';
import { startTestRedis } from '../support/redis.ts';
import { testSeals } from '../support/signing.ts';
import { until } from '../../tools/lab/run.ts';

const onError = () => undefined;
const answerMs = 50;
const heads = { newest: async () => null, keep: async () => undefined };
const logOf = (address: string) =>
  createAuditLog({ address, seals: testSeals, heads, onError, onRecord: () => undefined, answerMs });

async function pidOf(where: string): Promise<number> {
  const client = new Redis(redisOptions(where));
  const said = await client.info('server');
  await client.quit();
  return Number(/^process_id:(\d+)/m.exec(said)?.[1]);
}

let connections: Connections;
let address: string;
beforeEach(async () => {
  const server = createServer((socket) => void socket.resume());
  connections = connectionsOf(server);
  address = `redis://127.0.0.1:${await listen(server)}`;
});
afterEach(() => connections.close());

test('a store tells it as unreachable, and leaves it', async () => {
  const store = createRunStore({ address, onError, answerMs });
  try {
    const asked = store.recall('anything');
    await expect(asked).rejects.toThrow(StoreUnreachable);
    await expect(asked).rejects.toThrow('Redis gave no answer within 50 ms');
  } finally {
    await store.close();
  }
});

test.each<[string, (log: ReturnType<typeof logOf>) => Promise<unknown>]>([
  ['a record', (log) => log.append({ what: 'plan approved' })],
  ['a check of the chain', (log) => log.verify()],
  ['the key of the newest record', (log) => log.otherKey()],
  ['the trail', (log) => log.trail()],
])('%s of the audit log tells it as unreachable', async (_, ask) => {
  const log = logOf(address);
  try {
    await expect(ask(log)).rejects.toThrow(StoreUnreachable);
  } finally {
    await log.close();
  }
});

test('a question for its settings tells it as unreachable', async () => {
  await expect(readRedisInfo(address, answerMs)).rejects.toThrow(StoreUnreachable);
});

test('queues say so, close, and leave no connection', async () => {
  const queues = createJobQueues({ address, onError, deadlineMs: answerMs });
  await expect(queues.counts()).rejects.toThrow(QueueUnreachable);
  await queues.close();
  await until('no connection', 20, async () => (connections.open() === 0 ? true : null));
}, 60_000);

test('workers end although it has stopped: no job that runs is left, and no connection', async () => {
  const redis = await startTestRedis();
  const idle: JobHandler = { concurrency: 1, startOnce: false, run: async () => undefined };
  const begun = Promise.withResolvers<AbortSignal>();
  const endless: JobHandler = {
    ...idle,
    run: async (_, signal) => {
      begun.resolve(signal);
      await once(signal, 'abort');
    },
  };
  const workers = startJobWorkers({ diagnose: endless, fix: idle, notify: idle }, { address: redis.address, onError });
  const queues = createJobQueues({ address: redis.address, onError });
  await queues.add({ queue: 'diagnose', cluster: onlyCluster, id: 'endless', data: {} });
  const signal = await begun.promise;
  const pid = await pidOf(redis.address);
  process.kill(pid, 'SIGSTOP');
  try {
    await Promise.all([workers.stop(answerMs), queues.close()]);
    expect(signal.aborted).toBe(true);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  // It ends only when nobody is connected.
  await redis.stop();
}, 90_000);

test('what is stopped and goes on is used again, by the connections that there were', async () => {
  const redis = await startTestRedis();
  const store = createRunStore({ address: redis.address, onError, answerMs: 500 });
  const log = logOf(redis.address);
  await store.remember('it', 'is there', 60);
  const pid = await pidOf(redis.address);
  process.kill(pid, 'SIGSTOP');
  try {
    await expect(store.recall('it')).rejects.toThrow(StoreUnreachable);
    await expect(log.trail()).rejects.toThrow(StoreUnreachable);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await until('an answer', 20, async () => store.recall('it').catch(() => null));
  await until('the trail', 20, async () => log.trail().catch(() => null));
  await log.close();
  await store.close();
  await redis.stop();
}, 60_000);
