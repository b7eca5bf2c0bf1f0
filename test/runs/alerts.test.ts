import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createJobQueues } from '../../src/adapters/queue.ts';
import { startJobWorkers } from '../../src/adapters/queue-workers.ts';
import { receiveAlerts, type AlertDeps, mostAlerts } from '../../src/runs/alerts.ts';
import { applyJob } from '../../src/model/job-catalogue.ts';
import { approvePlan, type DecideDeps } from '../../src/plans/decide-plan.ts';
import { jobHandlers, type WorkerDeps } from '../../src/jobs/worker.ts';
import type { JobQueues, JobWorkers, QueuedJob } from '../../src/model/jobs.ts';
import type { RunAlert } from '../../src/model/runs.ts';
import { until } from '../../tools/lab/run.ts';
import { house, houseDeps, type House } from '../support/house.ts';
import { person } from '../support/signing.ts';
import { noQuestions } from '../support/no-questions.ts';
import { delivery, followUps, number, receivedOf, own, store } from './alert-store.ts';

const refuse = () => {
  throw new Error('an alert over the limit was read');
};

describe('receiving', () => {
  let added: QueuedJob[];
  let warned: string[];
  let deps: AlertDeps;
  beforeEach(() => {
    added = [];
    warned = [];
    const queues: JobQueues = {
      add: async (job) => void (job.queue === 'diagnose' && added.push(job)),
      schedule: async () => undefined,
      unschedule: async () => undefined,
      counts: () => Promise.reject(new Error('not asked')),
      close: async () => undefined,
    };
    deps = {
      ...houseDeps(house(), store),
      queues,
      warn: (what) => void warned.push(what),
      clusters: [{ name: 'default', channels: [], alertChannel: 'C1' }],
      named: { cluster: null, channel: null },
    };
  });

  test('asks for a run of the pod in the labels', async () => {
    const [received] = await receivedOf(deps, delivery());
    expect(received).toEqual({ alert: 'PodUnreachable', run: expect.stringMatching(/^r-[0-9A-HJKMNP-TV-Z]{26}$/) });
    expect(added).toMatchObject([
      {
        queue: 'diagnose',
        data: {
          kind: 'diagnosis',
          requester: 'alert PodUnreachable',
          origin: { kind: 'alert', channel: 'C1', thread: null, joins: null },
          target: {
            cluster: 'default',
            namespace: 'default',
            pod: 'mypod',
            from: null,
            port: { protocol: 'tcp', number: 8080 },
          },
          alert: {
            fingerprint: `print-${number}`,
            name: 'PodUnreachable',
            summary: 'mypod does not answer',
            startsAt: '2026-01-01T00:00:00.000Z',
          },
        },
      },
    ]);
  });

  test('asks for the workload where an alert names no pod', async () => {
    await receivedOf(deps, delivery({ labels: { alertname: 'A', namespace: 'shop', deployment: 'api' } }));
    await receivedOf(deps, delivery({ labels: { alertname: 'A', namespace: 'shop', statefulset: 'bad name' } }));
    expect(added).toMatchObject([
      { data: { target: { namespace: 'shop', pod: 'api', kind: 'deployment', port: null } } },
    ]);
  });

  test("the same delivery asks for the same run, the next firing for another that joins the first one's thread", async () => {
    const runs = [
      await receivedOf(deps, delivery()),
      await receivedOf(deps, delivery()),
      await receivedOf(deps, delivery({ startsAt: '2026-01-02T00:00:00Z' })),
    ].flat();
    expect(added.map(({ id }) => id)).toEqual(runs.map((received) => ('run' in received ? received.run : '')));
    expect(added[0]?.id).toBe(added[1]?.id);
    expect(added[2]?.id).not.toBe(added[0]?.id);
    expect(added.map(({ data }) => ('origin' in data ? data.origin : null))).toMatchObject([
      { joins: null },
      { joins: null },
      { joins: added[0]?.id },
    ]);
  });

  test.each([
    ['no pod', { labels: { alertname: 'A', namespace: 'default' } }, 'it has no labels namespace and pod'],
    [
      'a pod that cannot be',
      { labels: { alertname: 'A', namespace: 'default', pod: 'mypod; reboot' } },
      'its labels do not name a valid pod',
    ],
    [
      'a way out',
      { labels: { alertname: 'A', namespace: '../..', pod: 'passwd' } },
      'its labels do not name a valid pod',
    ],
  ])('an alert with %s is left, with the reason', async (_what, change, why) => {
    expect(await receivedOf(deps, delivery(change))).toEqual([{ alert: 'A', ignored: expect.stringContaining(why) }]);
    expect(added).toEqual([]);
  });

  test('of a delivery of 10,000 alerts only the first are read, and the last of those says how many more there are', async () => {
    const [one] = delivery().alerts;
    const unread = new Proxy({}, { get: refuse, ownKeys: refuse, has: refuse });
    const alerts = Array.from({ length: 10_000 }, (_, i) =>
      i < mostAlerts ? { ...(one as object), fingerprint: `many-${number}-${i}` } : unread,
    );
    const { more, alerts: taken } = await receiveAlerts(deps, { ...delivery(), alerts });
    expect([taken.length, more, added.length]).toEqual([mostAlerts, 10_000 - mostAlerts, mostAlerts]);
    const summaries = added.map(({ data }) => (data as { alert: RunAlert }).alert.summary);
    expect(summaries.filter((summary) => summary !== 'mypod does not answer')).toEqual([
      'mypod does not answer and 9950 more alerts in the same delivery, not diagnosed',
    ]);
    expect(warned).toEqual(['of 10000 alerts in one delivery 0 were ignored and 9950 were over the limit of 50']);
  });

  test.each([
    ['began before 1970', { startsAt: '1969-12-31T23:59:59Z' }, 'startsAt is before 1970'],
    ['began at no time', { startsAt: '0001-01-01T00:00:00Z' }, 'startsAt is before 1970'],
    ['began at a time of 1 MB', { startsAt: `2026-01-01T00:00:00.${'0'.repeat(1e6)}Z` }, 'startsAt'],
    ['has no fingerprint', { fingerprint: '' }, 'fingerprint'],
    ['has labels that are none', { labels: [] }, 'labels'],
    ['is null', null, 'it is not an alert'],
  ])('an alert that %s is refused alone', async (_what, change, why) => {
    const [good] = delivery().alerts;
    const bad = change === null ? null : { ...(good as object), fingerprint: `bad-${number}`, ...change };
    const received = await receivedOf(deps, { ...delivery(), alerts: [bad, good] });
    expect(received).toEqual([
      { alert: 'unknown', ignored: expect.stringContaining(why) },
      { alert: 'PodUnreachable', run: expect.any(String) },
    ]);
    expect(added).toHaveLength(1);
    expect(JSON.stringify(received).length).toBeLessThan(1000);
  });

  test('names and keys of an alert are bounded', async () => {
    const long = 'x'.repeat(1e6);
    const change = {
      fingerprint: `${long}${number}`,
      labels: { alertname: long, namespace: 'default', pod: 'mypod' },
      annotations: { summary: long },
    };
    const [first] = await receivedOf(deps, delivery(change));
    const [again] = await receivedOf(deps, delivery({ ...change, startsAt: '2026-01-02T00:00:00Z' }));
    expect(added).toHaveLength(2);
    for (const job of added) expect(JSON.stringify(job).length).toBeLessThan(3000);
    // Still told apart from others, and known again.
    expect(added[1]?.data).toMatchObject({ origin: { joins: first && 'run' in first ? first.run : '' } });
    expect(again).toMatchObject({ run: expect.any(String) });
  });

  test('a port that is none is not asked for', async () => {
    await receivedOf(deps, delivery({ labels: { alertname: 'A', namespace: 'default', pod: 'mypod', port: 'http' } }));
    expect(added).toMatchObject([{ data: { target: { port: null } } }]);
  });

  test('an alert that resolves is told once, in its run; one that nobody knows is left', async () => {
    const [fired] = await receivedOf(deps, delivery());
    for (let i = 0; i < 2; i += 1) expect(await receivedOf(deps, delivery({}, 'resolved'))).toEqual([fired]);
    const run = fired && 'run' in fired ? fired.run : '';
    expect(await store.events(run)).toMatchObject([
      { type: 'alert', status: 'resolved', alert: { fingerprint: `print-${number}` } },
    ]);
    expect(await receivedOf(deps, delivery({ fingerprint: 'unknown' }, 'resolved'))).toEqual([
      { alert: 'PodUnreachable', ignored: expect.stringContaining('it resolved, and it had no run') },
    ]);
  });

  test('when the queue cannot be reached the delivery fails, so that it comes again', async () => {
    const down = { ...deps, queues: { ...deps.queues!, add: () => Promise.reject(new Error('down')) } };
    await expect(receivedOf(down, delivery())).rejects.toThrow('down');
    expect(await receivedOf(deps, delivery({}, 'resolved'))).toMatchObject([{ ignored: expect.any(String) }]);
  });

  test.each([
    { version: '3', groupKey: 'g', alerts: [] },
    { version: '4', alerts: [] },
    { version: '4', groupKey: 'g' },
    'text',
    null,
  ])('what is not a delivery is refused, and nothing is asked for: %j', async (body) => {
    await expect(receiveAlerts(deps, body)).rejects.toMatchObject({
      code: 'invalid-alert',
      message: expect.stringMatching(/^the body is not a delivery of Alertmanager, version 4: /),
    });
    expect(added).toEqual([]);
  });
});

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
    expect(told.at(-1)).toMatchObject({ changed: 'The pod is healthy now. No longer found: The door is bare.' });
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
      changed: 'The pod is healthy now. No longer found: The door is bare.',
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
    expect((await store.events(run)).at(-1)).toMatchObject({ type: 'alert', status: 'resolved' });
  }, 30_000);
});
