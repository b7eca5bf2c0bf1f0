/** Posts of other apps as alerts: one run an alert, told below its first post. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { postOf } from '../../src/adapters/slack-posts.ts';
import { textPatternOf } from '../../src/model/alert-text.ts';
import { alertLife } from '../../src/model/alert-life.ts';
import type { QueuedJob } from '../../src/model/jobs.ts';
import type { RunEventBody } from '../../src/model/runs.ts';
import { receivePost, type PostDeps } from '../../src/runs/receive-post.ts';
import { tell } from '../../src/runs/tell.ts';
import { sampleVerdict } from '../bot/sample-run.ts';
import { house, houseDeps, target } from '../support/house.ts';
import { store } from './alert-store.ts';
import { alertmanager, changedTo, detailed, grafana, pagerDuty, written } from './posted-alerts.ts';

let added: QueuedJob[];
let deps: PostDeps;
beforeEach(() => {
  added = [];
  deps = {
    ...houseDeps(house(), store),
    warn: () => undefined,
    queues: {
      add: async (job) => void ('target' in job.data && added.push(job)),
      schedule: async () => undefined,
      unschedule: async () => undefined,
      counts: () => Promise.reject(new Error('not asked')),
      close: async () => undefined,
    },
    clusters: [{ name: 'default', channels: [], alertChannel: null }],
    templates: [],
    patterns: [],
  };
});

const receive = (event: unknown, given: Partial<PostDeps> = {}) => {
  const post = postOf(event, 'B0CALICO');
  if (post === null) throw new Error('it is no post');
  return receivePost({ ...deps, ...given }, post);
};
const runsOf = ({ alerts }: Awaited<ReturnType<typeof receive>>) =>
  alerts.map((one) => ('run' in one ? one.run : null));
const ts = (seconds: number) => `${1767225600 + seconds}.000100`;

test('the diagnosis of a post is told below it, with severity, runbook and graph', async () => {
  const { elsewhere } = await receive(detailed('FIRING:1', 'mypod', ts(0)));
  expect(elsewhere).toEqual([]);
  expect(added.map(({ data }) => data)).toMatchObject([
    {
      origin: { kind: 'alert', channel: 'C0ALERTS', thread: ts(0), joins: null },
      target: { namespace: 'default', pod: 'mypod', port: { protocol: 'tcp', number: 8080 } },
      alert: {
        name: 'PodUnreachable',
        severity: 'critical',
        startsAt: '2026-01-01T00:00:00.000Z',
        runbook: 'https://runbooks.example/PodUnreachable',
        graph: 'https://prometheus.example/graph?g0.expr=up%3D%3D0',
      },
    },
  ]);
});

test.each([
  ['a list', (status: string, at: string) => detailed(status === 'firing' ? 'FIRING:1' : 'RESOLVED', 'mypod', at)],
  ['Grafana', (status: string, at: string) => (status === 'firing' ? grafana(['a'], [], at) : grafana([], ['a'], at))],
  ['PagerDuty', (status: string, at: string) => pagerDuty(status === 'firing' ? 'Triggered' : 'Resolved', 7, at)],
])(
  'of %s: a post that repeats an alert joins its run, its end resolves it, and the next one is anew',
  async (_, post) => {
    const first = await receive(post('firing', ts(0)));
    const again = await receive(post('firing', ts(600)));
    expect([runsOf(again), added.length]).toEqual([runsOf(first), 1]);
    expect(again.elsewhere).toEqual([{ run: added[0]?.id, at: '2026-01-01T00:00:00.000Z' }]);

    expect(runsOf(await receive(post('resolved', ts(900))))).toEqual(runsOf(first));
    const run = added[0]?.id ?? '';
    expect(alertLife(await store.events(run)).resolvedAt).not.toBeNull();

    const next = await receive(post('firing', ts(7200)));
    expect([runsOf(next)[0] === run, added.length]).toEqual([false, 2]);
    expect(added[1]?.data).toMatchObject({ origin: { thread: ts(7200) } });
  },
);

test('each post that repeats an alert of a delivery names the message of that delivery, not another post', async () => {
  await receive(detailed('FIRING:1', 'mypod', ts(0)));
  const run = added[0]?.id ?? '';
  const origin = { kind: 'alert', channel: 'C0ALERTS', thread: null, joins: null } as const;
  await tell(deps, run, { type: 'started', target, requester: 'alert PodUnreachable', origin });
  const at = (await store.events(run))[0]?.at;
  for (const seconds of [60, 120])
    expect(await receive(detailed('FIRING:1', 'mypod', ts(seconds)))).toMatchObject({ elsewhere: [{ run, at }] });
});

/** What became of the run of the first post, and a minute later or more, of one that repeats it. */
const repeated = async (end: RunEventBody, minutes: number) => {
  const [one] = [...(await receive(detailed('FIRING:1', 'mypod', ts(0)))).alerts];
  const run = one && 'run' in one ? one.run : '';
  const origin = { kind: 'alert', channel: 'C0ALERTS', thread: ts(0), joins: null } as const;
  await tell(deps, run, { type: 'started', target, requester: 'alert PodUnreachable', origin });
  await tell(deps, run, end);
  const told = Date.parse((await store.events(run)).at(-1)?.at ?? '');
  const clock = { ...deps.clock, now: () => new Date(told + minutes * 60_000) };
  return receive(detailed('FIRING:1', 'mypod', ts(minutes * 60)), { clock });
};
const healthy = sampleVerdict({ verdict: 'healthy', flow: 'works', roots: [], consequences: [], blindSpots: [] });

test.each<readonly [string, RunEventBody, number]>([
  ['was found healthy', { type: 'verdict', verdict: healthy }, 10],
  ['became healthy', { type: 'follow-up', minutes: 5, verdict: healthy, changed: null }, 10],
  ['could not be diagnosed', { type: 'failed', code: 'internal', message: 'it ended', next: 'Run it again.' }, 1],
])(
  'an alert whose end nobody posted, and whose target %s, is diagnosed anew below its next post',
  async (_, end, at) => {
    expect((await repeated(end, at)).elsewhere).toEqual([]);
    expect(added).toHaveLength(2);
    expect(added[1]?.data).toMatchObject({ origin: { thread: ts(at * 60), joins: null } });
    expect(added[1]?.data).not.toHaveProperty('origin.held');
  },
);

test.each<readonly [string, RunEventBody, number]>([
  ['was found healthy just now', { type: 'verdict', verdict: healthy }, 1],
  ['has a fault that is followed', { type: 'verdict', verdict: sampleVerdict() }, 240],
])('a post that repeats an alert whose target %s joins its run', async (_, end, at) => {
  expect((await repeated(end, at)).elsewhere).toMatchObject([{ run: added[0]?.id }]);
  expect(added).toHaveLength(1);
});

test('one of two alerts of a post resolves alone', async () => {
  await receive(grafana(['a', 'b'], [], ts(0)));
  await receive(grafana(['a'], ['b'], ts(60)));
  const ends = await Promise.all(added.map(async ({ id }) => alertLife(await store.events(id)).resolvedAt !== null));
  const pods = added.map(({ data }) => (data as { target: { pod: string } }).target.pod);
  expect(Object.fromEntries(pods.map((pod, at) => [pod, ends[at]]))).toEqual({ a: false, b: true });
});

const attachment = (status: string, name: string) => ({
  title: `[${status}] ${name}`,
  text: `namespace: shop\npod: ${name}`,
});

const attached = (at: string, ...all: readonly (readonly [string, string])[]) => ({
  ...written('', at),
  attachments: all.map(([status, name]) => attachment(status, name)),
});

test('alerts of several attachments, and in another order at their end, are found again each by itself', async () => {
  await receive(attached(ts(0), ['FIRING:1', 'a'], ['FIRING:1', 'b']));
  expect(added).toHaveLength(2);
  await receive(attached(ts(60), ['RESOLVED', 'b'], ['FIRING:1', 'a']));
  const ends = await Promise.all(added.map(async ({ id }) => alertLife(await store.events(id)).resolvedAt !== null));
  expect(ends).toEqual([false, true]);
});

test('what maps to nothing is said below its post, and a pattern of the configuration maps it', async () => {
  const post = alertmanager('[FIRING:1] PodUnreachable (default mypod critical)', ts(0));
  const { alerts } = await receive(post);
  expect(alerts).toMatchObject([{ unmapped: { channel: 'C0ALERTS', thread: ts(0) } }]);
  await receive(post, { patterns: [textPatternOf('({namespace} {pod} critical)')] });
  expect(added).toMatchObject([{ data: { target: { namespace: 'default', pod: 'mypod' } } }]);
});

test('an instance is found by its address and port, where the configuration says that it is the target', async () => {
  const post = written('[FIRING:1] TargetDown\nlabels: namespace=shop instance=10.244.1.5:8080 job=api');
  expect((await receive(post)).alerts).toMatchObject([{ ignored: expect.any(String) }]);
  await receive(post, { templates: ['address:{namespace}/{instance}'] });
  expect(added.map(({ data }) => data)).toMatchObject([
    { target: { namespace: 'shop', pod: '10.244.1.5', kind: 'address', port: { protocol: 'tcp', number: 8080 } } },
  ]);
});

test('what a person did to an incident asks for nothing', async () => {
  expect(await receive(pagerDuty('Acknowledged', 7))).toEqual({ alerts: [], more: 0, elsewhere: [] });
});

test('in the channel of a cluster, a post is about that cluster', async () => {
  const clusters = [
    { name: 'east', channels: ['C0ALERTS'], alertChannel: null },
    { name: 'west', channels: [], alertChannel: null },
  ];
  await receive(written('Down\nnamespace=shop pod=api-0'), { clusters });
  expect(added).toMatchObject([{ cluster: 'east' }]);
  expect((await receive(detailed('FIRING:1', 'x', ts(9)), { clusters: clusters.slice(1) })).alerts).toMatchObject([
    { run: expect.any(String) },
  ]);
  const elsewhere = clusters.map((one) => ({ ...one, channels: [] }));
  expect((await receive(detailed('FIRING:1', 'y', ts(9)), { clusters: elsewhere })).alerts).toMatchObject([
    { ignored: expect.stringMatching(/^there are several clusters: east, west\. To name one, set CHANNELS of it, or/) },
  ]);
});

test('posts about the same pod of two clusters are two alerts: the end of one says nothing of the other', async () => {
  const clusters = ['east', 'west'].map((name) => ({ name, channels: [], alertChannel: null }));
  const post = (status: string, cluster: string, seconds: number) =>
    receive(written(`[${status}] Down\n*Cluster:* ${cluster}\n*Namespace:* shop\n*Pod:* api-0`, ts(seconds)), {
      clusters,
    });
  const [east] = runsOf(await post('FIRING:1', 'east', 0));
  const [west] = runsOf(await post('FIRING:1', 'west', 600));
  expect(added).toMatchObject([
    { cluster: 'east', id: east, data: { alert: { startsAt: '2026-01-01T00:00:00.000Z' } } },
    { cluster: 'west', id: west, data: { alert: { startsAt: '2026-01-01T00:10:00.000Z' } } },
  ]);
  await post('RESOLVED', 'east', 900);
  expect(runsOf(await post('FIRING:1', 'west', 1200))).toEqual([west]);
  expect([await resolvedAt(east ?? ''), await resolvedAt(west ?? '')]).toEqual([expect.any(String), null]);
  await post('RESOLVED', 'west', 1500);
  expect(await resolvedAt(west ?? '')).toEqual(expect.any(String));
});

const firing = (at: string) => detailed('FIRING:1', 'mypod', at);

const ended = (at: string) => detailed('RESOLVED', 'mypod', at);

const resolvedAt = async (run: string | null) => alertLife(await store.events(run ?? '')).resolvedAt;

describe('a post that its app edits', () => {
  test('into an end resolves its alert; into a new firing is diagnosed anew below it', async () => {
    const [first = ''] = runsOf(await receive(firing(ts(0))));
    await receive(changedTo(ended(ts(0)), firing(ts(0)), ts(600)));
    expect(await resolvedAt(first)).not.toBeNull();
    const [next] = runsOf(await receive(changedTo(firing(ts(0)), ended(ts(0)), ts(1200))));
    expect([next === first, added.length]).toEqual([false, 2]);
    expect(added[1]?.data).toMatchObject({
      origin: { thread: ts(0) },
      alert: { startsAt: '2026-01-01T00:20:00.000Z' },
    });
  });

  test('into an end that says less of it resolves all that it had', async () => {
    await receive(grafana(['a', 'b'], [], ts(0)));
    expect(added).toHaveLength(2);
    await receive(changedTo(written('[RESOLVED] Pod is down', ts(0)), grafana(['a', 'b'], [], ts(0)), ts(60)));
    for (const { id } of added) expect(await resolvedAt(id)).not.toBeNull();
  });

  const acknowledged = { title: 'Acknowledged: b', text: 'namespace: shop\npod: b' };
  test.each([
    ['somebody acknowledged another', [attachment('RESOLVED', 'a'), acknowledged]],
    ['there are more than are read', Array.from({ length: 30 }, (_, at) => attachment('RESOLVED', `c${at}`))],
  ])('into the end of some ends no other one where %s', async (_, attachments) => {
    const two = attached(ts(0), ['FIRING:1', 'a'], ['FIRING:1', 'b']);
    await receive(two);
    await receive(changedTo({ ...two, attachments }, two, ts(60)));
    const ends = Object.fromEntries(
      await Promise.all(
        added.map(async ({ id, data }) => [(data as { target: { pod: string } }).target.pod, await resolvedAt(id)]),
      ),
    );
    expect(ends).toMatchObject({ b: null });
  });

  test('into more alerts is diagnosed for those; the others go on', async () => {
    await receive(grafana(['a'], [], ts(0)));
    await receive(changedTo(grafana(['a', 'b'], [], ts(0)), grafana(['a'], [], ts(0)), ts(60)));
    expect(added.map(({ data }) => (data as { target: { pod: string } }).target.pod)).toEqual(['a', 'b']);
    await receive(changedTo(grafana(['b'], ['a'], ts(0)), grafana(['a', 'b'], [], ts(0)), ts(90)));
    const ends = await Promise.all(added.map(({ id }) => resolvedAt(id)));
    expect(ends.map((at) => at !== null)).toEqual([true, false]);
  });

  test('and that fires on is no new firing, also where its target was found healthy', async () => {
    const [run] = runsOf(await receive(firing(ts(0))));
    const origin = { kind: 'alert', channel: 'C0ALERTS', thread: ts(0), joins: null } as const;
    await tell(deps, run ?? '', { type: 'started', target, requester: 'alert PodUnreachable', origin });
    await tell(deps, run ?? '', { type: 'verdict', verdict: healthy });
    const clock = { ...deps.clock, now: () => new Date(Date.now() + 3_600_000) };
    const louder = { ...firing(ts(0)), text: 'for 12 minutes' };
    await receive(changedTo(louder, firing(ts(0)), ts(720)), { clock });
    expect(added).toHaveLength(1);
  });

  test('is left as it is where an older state of it comes later', async () => {
    await receive(firing(ts(0)));
    await receive(changedTo(ended(ts(0)), firing(ts(0)), ts(600)));
    await receive(changedTo(firing(ts(0)), ended(ts(0)), ts(300)));
    await receive(firing(ts(0)));
    expect(added).toHaveLength(1);
  });
});
