import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createJobQueues } from '../../src/adapters/queue.ts';
import { startJobWorkers } from '../../src/adapters/queue-workers.ts';
import { createRunStore } from '../../src/adapters/run-store.ts';
import { alertPayload, receiveAlerts, type AlertDeps, type AlertPayload } from '../../src/jobs/alerts.ts';
import { applyJob } from '../../src/jobs/catalogue.ts';
import { approvePlan } from '../../src/jobs/decide-plan.ts';
import { jobHandlers, type WorkerDeps } from '../../src/jobs/worker.ts';
import type { JobQueues, JobWorkers, QueuedJob } from '../../src/model/jobs.ts';
import type { RunEvent, RunStore } from '../../src/model/runs.ts';
import { until } from '../lab/run.ts';
import { house, houseDeps, type House } from './house.ts';
import { person } from './signing.ts';
import { startTestRedis } from './redis.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let store: RunStore;
let number = 0;
/** A payload as Alertmanager posts it, with a fingerprint of this test's own. */
const delivery = (change: object = {}, status: 'firing' | 'resolved' = 'firing'): AlertPayload =>
  alertPayload.parse({
    version: '4', groupKey: '{}:{alertname="PodUnreachable"}', truncatedAlerts: 0, status, receiver: 'calico-chatops', groupLabels: {}, commonLabels: {}, commonAnnotations: {}, externalURL: 'http://alertmanager',
    alerts: [{ status, labels: { alertname: 'PodUnreachable', namespace: 'default', pod: 'mypod', port: '8080' }, annotations: { summary: 'mypod does not answer' }, startsAt: '2026-01-01T00:00:00.000Z', endsAt: '0001-01-01T00:00:00Z', generatorURL: '', fingerprint: `print-${number}`, ...change }],
  });

const followUps = async (run: string) => (await store.events(run)).flatMap((event: RunEvent) => (event.type === 'follow-up' ? [event] : []));

beforeAll(async () => {
  redis = await startTestRedis();
  store = createRunStore({ address: redis.address, onError: (error) => { throw error; } });
});
afterAll(async () => {
  await store.close();
  await redis.stop();
});
beforeEach(() => {
  number += 1;
});

describe('receiving', () => {
  let added: QueuedJob[];
  let deps: AlertDeps;
  beforeEach(() => {
    added = [];
    const queues: JobQueues = { add: async (job) => void (job.queue === 'diagnose' && added.push(job)), schedule: async () => undefined, unschedule: async () => undefined, counts: () => Promise.reject(new Error('not asked')), close: async () => undefined };
    deps = { ...houseDeps(house(), store), queues, cluster: 'default', channel: 'C1' };
  });

  test('asks for a run of the pod in the labels', async () => {
    const [received] = await receiveAlerts(deps, delivery());
    expect(received).toEqual({ alert: 'PodUnreachable', run: expect.stringMatching(/^r-[0-9A-HJKMNP-TV-Z]{26}$/) });
    expect(added).toMatchObject([{ queue: 'diagnose', data: {
      kind: 'diagnosis', requester: 'alert PodUnreachable', origin: { kind: 'alert', channel: 'C1', thread: null, joins: null },
      target: { cluster: 'default', namespace: 'default', pod: 'mypod', from: null, port: { protocol: 'tcp', number: 8080 } },
      alert: { fingerprint: `print-${number}`, name: 'PodUnreachable', summary: 'mypod does not answer', startsAt: '2026-01-01T00:00:00.000Z' },
    } }]);
  });

  test('the same delivery asks for the same run, the next firing for another that joins the first one\'s thread', async () => {
    const runs = [await receiveAlerts(deps, delivery()), await receiveAlerts(deps, delivery()), await receiveAlerts(deps, delivery({ startsAt: '2026-01-02T00:00:00Z' }))].flat();
    expect(added.map(({ id }) => id)).toEqual(runs.map((received) => ('run' in received ? received.run : '')));
    expect(added[0]?.id).toBe(added[1]?.id);
    expect(added[2]?.id).not.toBe(added[0]?.id);
    expect(added.map(({ data }) => ('origin' in data ? data.origin : null))).toMatchObject([{ joins: null }, { joins: null }, { joins: added[0]?.id }]);
  });

  test.each([
    ['no pod', { labels: { alertname: 'A', namespace: 'default' } }, 'name no namespace and pod'],
    ['a pod that cannot be', { labels: { alertname: 'A', namespace: 'default', pod: 'mypod; reboot' } }, 'no pod that Kubernetes could have'],
    ['a way out', { labels: { alertname: 'A', namespace: '../..', pod: 'passwd' } }, 'no pod that Kubernetes could have'],
  ])('an alert with %s is left, with the reason', async (_what, change, why) => {
    expect(await receiveAlerts(deps, delivery(change))).toEqual([{ alert: 'A', ignored: expect.stringContaining(why) }]);
    expect(added).toEqual([]);
  });

  test('a port that is none is not asked for', async () => {
    await receiveAlerts(deps, delivery({ labels: { alertname: 'A', namespace: 'default', pod: 'mypod', port: 'http' } }));
    expect(added).toMatchObject([{ data: { target: { port: null } } }]);
  });

  test('an alert that resolves is told once, in its run; one that nobody knows is left', async () => {
    const [fired] = await receiveAlerts(deps, delivery());
    for (let i = 0; i < 2; i += 1) expect(await receiveAlerts(deps, delivery({}, 'resolved'))).toEqual([fired]);
    const run = fired && 'run' in fired ? fired.run : '';
    expect(await store.events(run)).toMatchObject([{ type: 'alert', status: 'resolved', alert: { fingerprint: `print-${number}` } }]);
    expect(await receiveAlerts(deps, delivery({ fingerprint: 'unknown' }, 'resolved'))).toEqual([{ alert: 'PodUnreachable', ignored: expect.stringContaining('no run of it is known') }]);
  });

  test('when the queue cannot be reached the delivery fails, so that it comes again', async () => {
    const down = { ...deps, queues: { ...deps.queues!, add: () => Promise.reject(new Error('down')) } };
    await expect(receiveAlerts(down, delivery())).rejects.toThrow('down');
    expect(await receiveAlerts(deps, delivery({}, 'resolved'))).toMatchObject([{ ignored: expect.any(String) }]);
  });

  test.each([{ version: '3', groupKey: 'g', alerts: [] }, { version: '4', alerts: [] }, { version: '4', groupKey: 'g', alerts: [{ status: 'firing' }] }, 'text', null])('what is no delivery is refused: %j', (body) => {
    expect(alertPayload.safeParse(body).success).toBe(false);
  });
});

describe('following up through real queues', () => {
  let queues: JobQueues;
  let workers: JobWorkers[];
  let world: House;
  let notified: string[];
  let deps: WorkerDeps & AlertDeps;
  const begin = (followUpMinutes: readonly number[]) => {
    const options = { address: redis.address, onError: () => undefined, prefix: `alerts-${number}` };
    world = house();
    notified = [];
    queues = createJobQueues(options);
    const clock = { now: () => new Date(), sleep: (ms: number) => new Promise<void>((done) => setTimeout(done, ms)) };
    deps = { ...houseDeps(world, store), clock, queues, cluster: 'default', channel: 'C1', followUpMinutes, notify: async (run) => void notified.push(run) };
    workers = [1, 2].map(() => startJobWorkers(jobHandlers(deps), options));
  };
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.stop(2000)));
    await queues.close();
  });
  const fire = async (change: object = {}) => {
    const [received] = await receiveAlerts(deps, delivery({ startsAt: new Date().toISOString(), ...change }));
    if (!received || !('run' in received)) throw new Error('ignored');
    return received.run;
  };
  const nothingLeft = () => until('nothing to be scheduled', 5, async () => {
    const { waiting = 0, delayed = 0, active = 0 } = (await queues.counts()).diagnose;
    return waiting + delayed + active === 0 ? true : null;
  });

  test('an alert becomes a run, its follow-ups say only what changed, and end when it is healthy', async () => {
    begin([0.01, 0.02, 0.03, 0.5]);
    const run = await fire();
    await until('the first look', 10, async () => ((await followUps(run)).length === 1 ? true : null));
    world.painted = true;
    world.ways.set('flow', true);
    await until('the look that finds it healthy', 10, async () => ((await followUps(run)).at(-1)?.verdict.verdict === 'healthy' ? true : null));
    await nothingLeft();
    const told = await followUps(run);
    expect(told[0]).toMatchObject({ minutes: 0.01, changed: null, verdict: { verdict: 'fault', run } });
    expect(told.at(-1)).toMatchObject({ changed: 'It is healthy now. Gone: The door is bare.' });
    const types = (await store.events(run)).map(({ type }) => type);
    expect(types.slice(0, 2)).toEqual(['started', 'alert']);
    expect(types.filter((type) => type === 'verdict')).toHaveLength(2);
    expect(new Set(notified)).toEqual(new Set([run]));
  }, 30_000);

  test('after an approved fix they begin again and tell that it recovered', async () => {
    begin([0.01, 0.5]);
    const run = await fire();
    await until('the first look', 10, async () => ((await followUps(run)).length === 1 ? true : null));
    const [record] = (await store.plans()).filter(({ plan }) => plan.run === run);
    world.whileApplying = async () => void world.ways.set('flow', true);
    await approvePlan(deps, record!.plan.id, person('bob'));
    await queues.add(applyJob(record!.plan.id, null));
    await until('the look after the fix', 20, async () => ((await followUps(run)).length === 2 ? true : null));
    await nothingLeft();
    expect((await store.plan(record!.plan.id))?.state).toBe('verified');
    expect((await followUps(run)).at(-1)).toMatchObject({ minutes: 0.01, changed: 'It is healthy now. Gone: The door is bare.' });
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
    await receiveAlerts(deps, delivery({ startsAt }, 'resolved'));
    await nothingLeft();
    expect((await store.events(run)).at(-1)).toMatchObject({ type: 'alert', status: 'resolved' });
  }, 30_000);
});
