import { afterEach, describe, expect, test } from '@jest/globals';
import { createJobQueues } from '../../src/adapters/queue.ts';
import { startJobWorkers } from '../../src/adapters/queue-workers.ts';
import type { AlertDeps } from '../../src/runs/alerts.ts';
import { applyJob } from '../../src/model/job-catalogue.ts';
import { approvePlan, type DecideDeps } from '../../src/plans/decide-plan.ts';
import { jobHandlers, type WorkerDeps } from '../../src/jobs/worker.ts';
import type { JobQueues, JobWorkers } from '../../src/model/jobs.ts';
import { until } from '../../tools/lab/run.ts';
import { house, houseDeps, type House } from '../support/house.ts';
import { person } from '../support/signing.ts';
import { noQuestions } from '../support/no-questions.ts';
import { delivery, followUps, number, receivedOf, own, store } from './alert-store.ts';

describe('following up through real queues', () => {
  let queues: JobQueues;
  let workers: JobWorkers[];
  let world: House;
  let notified: string[];
  let deps: WorkerDeps & DecideDeps & AlertDeps;
  const begin = (followUpMinutes: readonly number[]) => {
    const options = { address: own.address, onError: () => undefined, prefix: `alerts-${number}` };
    world = house();
    notified = [];
    queues = createJobQueues(options);
    const clock = { now: () => new Date(), sleep: (ms: number) => new Promise<void>((done) => setTimeout(done, ms)) };
    deps = {
      ...houseDeps(world, store),
      clock,
      queues,
      clusters: [{ name: 'default', channels: [], alertChannel: 'C1' }],
      named: { cluster: null, channel: null },
      templates: [],
      followUpMinutes,
      ...noQuestions,
      notify: async (run) => void notified.push(run),
    };
    workers = [1, 2].map(() => startJobWorkers(jobHandlers(deps), options));
  };
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.stop(2000)));
    await queues.close();
  });
  const fire = async (change: object = {}) => {
    const [received] = await receivedOf(deps, delivery({ startsAt: new Date().toISOString(), ...change }));
    if (!received || !('run' in received)) throw new Error('ignored');
    return received.run;
  };
  const nothingLeft = () =>
    until('nothing to be scheduled', 5, async () => {
      const { waiting = 0, delayed = 0, active = 0 } = (await queues.counts()).diagnose;
      return waiting + delayed + active === 0 ? true : null;
    });

  test('an alert becomes a run, its follow-ups say only what changed, and end when it is healthy', async () => {
    begin([0.01, 0.02, 0.03, 0.5]);
    const run = await fire();
    await until('the first look', 10, async () => ((await followUps(run)).length === 1 ? true : null));
    world.painted = true;
    world.ways.set('flow', true);
    await until('the look that finds it healthy', 10, async () =>
      (await followUps(run)).at(-1)?.verdict.verdict === 'healthy' ? true : null,
    );
    await nothingLeft();
    const told = await followUps(run);
    expect(told[0]).toMatchObject({ minutes: 0.01, changed: null, verdict: { verdict: 'fault', run } });
    expect(told.at(-1)).toMatchObject({ changed: 'The pod is reachable now. No longer found: The door is bare.' });
    const types = (await store.events(run)).map(({ type }) => type);
    expect(types.slice(0, 2)).toEqual(['started', 'alert']);
    expect(types.filter((type) => type === 'verdict')).toHaveLength(1);
    expect(new Set(notified)).toEqual(new Set([run]));
  }, 30_000);

  test('after an approved fix they begin again and tell that it recovered', async () => {
    begin([0.01, 0.5]);
    const run = await fire();
    await until('the first look', 10, async () => ((await followUps(run)).length === 1 ? true : null));
    const [record] = (await store.plans()).filter(({ plan }) => plan.run === run);
    world.whileApplying = async () => void world.ways.set('flow', true);
    await approvePlan(deps, record!.plan.id, person('bob'));
    await queues.add(applyJob(record!.plan, null));
    await until('the look after the fix', 20, async () => ((await followUps(run)).length === 2 ? true : null));
    await nothingLeft();
    expect((await store.plan(record!.plan.id))?.state).toBe('verified');
    expect((await followUps(run)).at(-1)).toMatchObject({
      minutes: 0.01,
      changed: 'The pod is reachable now. No longer found: The door is bare.',
    });
    expect([...world.namespaces]).toEqual(['street']);
  }, 30_000);

  test('they end with their last minute, each minute told once although two workers run', async () => {
    begin([0.005, 0.01, 0.02]);
    const run = await fire();
    await until('the last look', 10, async () => ((await followUps(run)).at(-1)?.minutes === 0.02 ? true : null));
    await nothingLeft();
    const minutes = (await followUps(run)).map((event) => event.minutes);
    expect(minutes).toEqual([...new Set(minutes)]);
  }, 30_000);

  test('they end when the alert resolves', async () => {
    begin([0.01, 5]);
    const startsAt = new Date().toISOString();
    const run = await fire({ startsAt });
    await until('the first look', 10, async () => ((await followUps(run)).length === 1 ? true : null));
    await receivedOf(deps, delivery({ startsAt }, 'resolved'));
    await nothingLeft();
    expect((await store.events(run)).slice(-2)).toMatchObject([
      { type: 'alert', status: 'resolved' },
      { type: 'follow-up', changed: null, verdict: { verdict: 'fault' } },
    ]);
  }, 30_000);
});
