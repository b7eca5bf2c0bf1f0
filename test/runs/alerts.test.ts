import { beforeEach, describe, expect, test } from '@jest/globals';
import { receiveAlerts, type AlertDeps, mostAlerts, mostTargets } from '../../src/runs/alerts.ts';
import type { JobQueues, QueuedJob } from '../../src/model/jobs.ts';
import { victimsOf } from '../../src/model/alert-life.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { tell } from '../../src/runs/tell.ts';
import { sampleVerdict } from '../bot/sample-run.ts';
import { house, houseDeps, target } from '../support/house.ts';
import { delivery, number, receivedOf, store } from './alert-store.ts';

const firedAt = (ms: number) => delivery({ startsAt: new Date(ms).toISOString() });
const minutes = 60_000;

describe('receiving', () => {
  let added: QueuedJob[];
  let warned: string[];
  let deps: AlertDeps;
  beforeEach(() => {
    added = [];
    warned = [];
    const queues: JobQueues = {
      add: async (job) => void ('target' in job.data && added.push(job)),
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
      templates: [],
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

  test('an alert that fires anew is diagnosed anew, also while its first run leads others that still fire', async () => {
    const other = { fingerprint: 'other', labels: { alertname: 'A', namespace: 'shop', pod: 'api-1' } };
    await receivedOf(deps, delivery());
    await receivedOf(deps, delivery(other));
    await receivedOf(deps, delivery({}, 'resolved'));
    const [again] = await receivedOf(deps, delivery({ startsAt: '2026-01-02T00:00:00Z' }));
    expect(added).toHaveLength(3);
    expect(again).toMatchObject({ run: added[2]?.id });
    expect(added[2]).toMatchObject({ data: { origin: { held: 'group', joins: added[0]?.id } } });
  });

  const healthy = sampleVerdict({ verdict: 'healthy', flow: 'works', roots: [], consequences: [], blindSpots: [] });
  /** The run of the first alert of the pod ends so; the end of that alert never comes. */
  const endedAs = async (verdict: Verdict) => {
    await receivedOf(deps, delivery());
    const run = added[0]?.id ?? '';
    const origin = { kind: 'alert', channel: 'oncall', thread: null, joins: null } as const;
    await tell(deps, run, { type: 'started', target, requester: 'alert PodUnreachable', origin });
    await tell(deps, run, { type: 'verdict', verdict });
    return { run, at: Date.parse((await store.events(run)).at(-1)?.at ?? '') };
  };

  test('an alert that fires again after its run ended healthy gets a run in its thread, also if its end got lost', async () => {
    const { run, at } = await endedAs(healthy);
    const [again] = await receivedOf(deps, firedAt(at + minutes));
    expect(added).toHaveLength(2);
    expect(again).toMatchObject({ run: added[1]?.id });
    expect(added[1]?.data).toMatchObject({ origin: { joins: run } });
    expect(added[1]?.data).not.toHaveProperty('origin.held');
  });

  test('another alert of a pod that was found healthy long ago gets a run of its own, held for nothing', async () => {
    const { at } = await endedAs(healthy);
    const clock = { ...deps.clock, now: () => new Date(at + 60 * minutes) };
    const labels = { alertname: 'B', namespace: 'default', pod: 'mypod', port: '8080' };
    await receivedOf({ ...deps, clock }, delivery({ labels, fingerprint: `b-${number}` }));
    expect(added).toHaveLength(2);
    expect(added[1]?.data).not.toHaveProperty('origin.held');
  });

  test('an alert that began before a pod was found healthy, and one of a fault that lasts, join the run', async () => {
    const { run, at } = await endedAs(healthy);
    const labels = { alertname: 'B', namespace: 'default', pod: 'mypod', port: '8080' };
    const early = { labels, fingerprint: `b-${number}`, startsAt: new Date(at - minutes).toISOString() };
    expect(await receivedOf(deps, delivery(early))).toEqual([{ alert: 'B', run }]);
    await tell(deps, run, { type: 'follow-up', minutes: 5, verdict: sampleVerdict(), changed: null });
    expect(await receivedOf(deps, firedAt(at + 600 * minutes))).toEqual([{ alert: 'PodUnreachable', run }]);
    expect(added).toHaveLength(1);
  });

  test("the same delivery asks for the same run, the next firing for another that joins the first one's thread", async () => {
    const runs = [
      await receivedOf(deps, delivery()),
      await receivedOf(deps, delivery()),
      await receivedOf(deps, delivery({ startsAt: '2026-01-02T00:00:00Z' })),
    ].flat();
    const ids = runs.map((received) => ('run' in received ? received.run : ''));
    expect(ids[1]).toBe(ids[0]);
    expect(added.map(({ id }) => id)).toEqual([ids[0]]);
    // The second firing is still there.
    await receivedOf(deps, delivery({}, 'resolved'));
    await receivedOf(deps, delivery({ startsAt: '2026-01-03T00:00:00Z' }));
    expect(added).toHaveLength(1);
    await receivedOf(deps, delivery({ startsAt: '2026-01-03T00:00:00Z' }, 'resolved'));
    const [again] = await receivedOf(deps, delivery({ startsAt: '2026-01-04T00:00:00Z' }));
    expect(again).toEqual({ alert: 'PodUnreachable', run: added[1]?.id });
    expect(added[1]?.data).toMatchObject({ origin: { joins: ids[0] } });
  });

  test('an alert that comes while another one of its pod is open joins that run', async () => {
    const [first] = await receivedOf(deps, delivery());
    const other = {
      fingerprint: `other-${number}`,
      labels: { alertname: 'B', namespace: 'default', pod: 'mypod', port: '8080' },
    };
    for (let i = 0; i < 2; i += 1)
      expect(await receivedOf(deps, delivery(other))).toEqual([
        { alert: 'B', run: first && 'run' in first && first.run },
      ]);
    expect(added).toHaveLength(1);
    expect(await store.events(added[0]!.id)).toMatchObject([{ type: 'alert', status: 'firing', alert: { name: 'B' } }]);
  });

  test.each([
    ['no pod', { labels: { alertname: 'A', namespace: 'default' } }, 'its labels name no pod, workload or Service'],
    [
      'a pod that cannot be',
      { labels: { alertname: 'A', namespace: 'default', pod: 'mypod; reboot' } },
      'its labels do not name a valid target: default/mypod; reboot',
    ],
    [
      'a way out',
      { labels: { alertname: 'A', namespace: '../..', pod: 'passwd' } },
      'its labels do not name a valid target: ../../passwd',
    ],
  ])('an alert with %s is left, with the reason', async (_what, change, why) => {
    expect(await receivedOf(deps, delivery(change))).toMatchObject([
      { alert: 'A', ignored: expect.stringContaining(why), unmapped: { labels: change.labels } },
    ]);
    expect(added).toEqual([]);
  });

  test('of a delivery of 10,000 alerts only the first are read, and the last of those says how many more there are', async () => {
    const [one] = delivery().alerts;
    const alerts = Array.from({ length: 10_000 }, (_, i) => ({
      ...(one as object),
      labels: { alertname: 'A', namespace: 'many', pod: `pod-${i}` },
      fingerprint: `many-${number}-${i}`,
    }));
    const { more, alerts: taken } = await receiveAlerts(deps, { ...delivery(), alerts });
    expect([taken.length, more, added.length]).toEqual([mostAlerts, 10_000 - mostAlerts, mostTargets]);
    // Each is a line of the first one's list, also those that were too many to be diagnosed at once.
    const states = victimsOf(await store.events(added[0]!.id)).map(({ state }) => state);
    expect(states.filter((state) => state === 'waiting')).toHaveLength(mostTargets - 1);
    expect(states.filter((state) => state === 'undiagnosed')).toHaveLength(mostAlerts - mostTargets);
    expect(warned).toEqual(['of 10000 alerts in one delivery 0 were ignored and 9000 were over the limit of 1000']);
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
    await receivedOf(deps, delivery(change, 'resolved'));
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
