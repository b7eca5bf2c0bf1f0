/** Jobs that nobody waits for: they never hold up those that somebody waits for. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createJobQueues } from '../../src/adapters/queue.ts';
import { startJobWorkers } from '../../src/adapters/queue-workers.ts';
import { jobHandlers, type WorkerDeps } from '../../src/jobs/worker.ts';
import { createRunStore } from '../../src/adapters/run-store.ts';
import { diagnosisJob, namesJob } from '../../src/model/job-catalogue.ts';
import { tell } from '../../src/runs/tell.ts';
import type { JobHandler, JobQueues } from '../../src/model/jobs.ts';
import type { RunOrigin, RunStore } from '../../src/model/runs.ts';
import { house, houseDeps, target } from '../support/house.ts';
import { startTestRedis } from '../support/redis.ts';
import { noQuestions } from '../support/no-questions.ts';
import { until } from '../../tools/lab/run.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let store: RunStore;
let queues: JobQueues;
const quiet = () => undefined;
const idle: JobHandler = { concurrency: 1, startOnce: false, run: async () => undefined };
const from = (kind: RunOrigin['kind']): RunOrigin => ({ kind, channel: 'C1', thread: null, joins: null });
const ask = (run: string, kind: RunOrigin['kind']) =>
  queues.add(diagnosisJob({ run, target, requester: kind, origin: from(kind), alert: null }));
const typed = (n: number) => namesJob({ cluster: target.cluster, namespace: `ns-${n}` }, new Date());

beforeAll(async () => {
  redis = await startTestRedis();
  store = createRunStore({ address: redis.address, onError: quiet });
  queues = createJobQueues({ address: redis.address, onError: quiet });
});
afterAll(async () => {
  await queues.close();
  await store.close();
  await redis.stop();
});

test('behind 1,000 alerts, ten waits for real traffic and names for people who type, people start at once', async () => {
  for (let i = 0; i < 1000; i += 100)
    await Promise.all(Array.from({ length: 100 }, (_, n) => ask(`r-alert-${i + n}`, 'alert')));
  const real = { ...target, wait: 600 };
  const waiting = (run: string) =>
    diagnosisJob({ run, target: real, requester: 'U1', origin: from('command'), alert: null });
  await Promise.all(Array.from({ length: 10 }, (_, n) => queues.add(waiting(`r-wait-${n}`))));
  await Promise.all(Array.from({ length: 50 }, (_, n) => queues.add(typed(n))));
  const started: string[] = [];
  const gate = Promise.withResolvers<void>();
  const deps: WorkerDeps = {
    ...houseDeps(house(), store),
    queues,
    followUpMinutes: [],
    ...noQuestions,
    notify: async () => undefined,
  };
  const { diagnose, fix, notify } = jobHandlers(deps);
  const held: JobHandler = {
    ...diagnose,
    run: (data) => {
      const { run = 'names' } = data as { run?: string };
      started.push(run);
      return gate.promise;
    },
  };
  const workers = startJobWorkers({ diagnose: held, fix, notify }, { address: redis.address, onError: quiet });
  const slots = Object.values(diagnose.lanes ?? {}).reduce((sum, one) => sum + one, 0);
  await until('every slot of the lanes to be taken', 10, async () => (started.length === slots ? true : null));
  await ask('r-person', 'command');
  await ask('r-again', 'recheck');
  await until('both to start', 5, async () =>
    started.includes('r-person') && started.includes('r-again') ? true : null,
  );
  expect(started.filter((run) => run.startsWith('r-alert'))).toHaveLength(diagnose.lanes?.background ?? 0);
  expect(started.filter((run) => run.startsWith('r-wait'))).toHaveLength(diagnose.lanes?.waiting ?? 0);
  expect(started.filter((run) => run === 'names')).toHaveLength(diagnose.lanes?.typing ?? 0);
  gate.resolve();
  await workers.stop(5000);
}, 60_000);

test("a person's message does not wait behind those of alerts that are held up", async () => {
  const told: string[] = [];
  const gate = Promise.withResolvers<void>();
  const notify: JobHandler = {
    concurrency: 1,
    lanes: { background: 1 },
    startOnce: false,
    run: (data) => {
      const { run } = data as { run: string };
      told.push(run);
      return run === 'r-mine' ? Promise.resolve() : gate.promise;
    },
  };
  const deps = { store, queues, clock: houseDeps(house(), store).clock, warn: quiet };
  for (let i = 0; i < 20; i += 1)
    await tell({ ...deps, background: true }, `r-theirs-${i}`, { type: 'cancelled', by: 'nobody' });
  const workers = startJobWorkers({ diagnose: idle, fix: idle, notify }, { address: redis.address, onError: quiet });
  await until('the messages of alerts to be held up', 10, async () => (told.length === 1 ? true : null));
  await tell(deps, 'r-mine', { type: 'cancelled', by: 'nobody' });
  await until('the message', 5, async () => (told.includes('r-mine') ? true : null));
  expect(told).toHaveLength(2);
  gate.resolve();
  await workers.stop(5000);
}, 30_000);

test("a run of an alert tells its thread in the background, a person's does not", async () => {
  const added: { run: string; background: boolean }[] = [];
  const noting: JobQueues = {
    ...queues,
    // What comes later, such as the end of an offer, nobody waits for.
    add: async ({ queue, data, lane, at }) =>
      void (
        queue === 'notify' &&
        at === undefined &&
        added.push({ ...(data as { run: string }), background: lane === 'background' })
      ),
  };
  const deps: WorkerDeps = {
    ...houseDeps(house(), store),
    queues: noting,
    followUpMinutes: [],
    ...noQuestions,
    notify: async () => undefined,
  };
  const { diagnose } = jobHandlers(deps);
  for (const [run, kind] of [
    ['r-told-1', 'alert'],
    ['r-told-2', 'command'],
    ['r-told-3', 'recheck'],
  ] as const) {
    await diagnose.run(
      { kind: 'diagnosis', run, target, requester: 'x', origin: from(kind), alert: null },
      new AbortController().signal,
    );
  }
  expect(new Set(added.map(({ run, background }) => `${run} ${background}`))).toEqual(
    new Set(['r-told-1 true', 'r-told-2 false', 'r-told-3 false']),
  );
});
