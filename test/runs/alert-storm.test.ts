/** 200 alerts over 50 pods: few threads, every victim in one of them, nothing twice. Real Redis, and a real workspace. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { chromium } from 'playwright-core';
import { createClock } from '../../src/adapters/clock.ts';
import { postOf } from '../../src/adapters/slack-posts.ts';
import { createSlackClient } from '../../src/adapters/slack-client.ts';
import { createSlackThread } from '../../src/adapters/slack-thread.ts';
import { createNotifier } from '../../src/bot/notifier.ts';
import { diagnosePayload, type DiagnosisRequest } from '../../src/model/job-catalogue.ts';
import type { JobQueues, QueuedJob } from '../../src/model/jobs.ts';
import { verdictChange } from '../../src/model/verdict-change.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { placeRun } from '../../src/runs/alert-storm.ts';
import { receiveAlerts, type AlertDeps } from '../../src/runs/alerts.ts';
import { receivePost } from '../../src/runs/receive-post.ts';
import { tell } from '../../src/runs/tell.ts';
import { linesOf, type ChannelMessage } from '../../tools/slack-workspace/client.ts';
import { startWorkspace, type Workspace } from '../../tools/slack-workspace/start-workspace.ts';
import { forbidden, ipipLost, sampleVerdict } from '../bot/sample-run.ts';
import { house, houseDeps } from '../support/house.ts';
import { testSeals } from '../support/signing.ts';
import { store } from './alert-store.ts';
import { detailed } from './posted-alerts.ts';

let workspace: Workspace;
let jobs: Map<string, QueuedJob>;
let told: Set<string>;
let deps: AlertDeps;
/** Adding fails so often before it works again. */
let failures = 0;

beforeEach(async () => {
  workspace = await startWorkspace();
  jobs = new Map();
  told = new Set();
  const queues: JobQueues = {
    async add(job) {
      if (job.queue === 'notify') told.add((job.data as { run: string }).run);
      else if ((failures -= 1) >= 0) throw new Error('Redis is away');
      else jobs.set(job.id, job);
    },
    schedule: async () => undefined,
    unschedule: async () => undefined,
    counts: () => Promise.reject(new Error('not asked')),
    close: async () => undefined,
  };
  failures = 0;
  const clock = createClock();
  deps = {
    ...houseDeps(house(), store),
    clock,
    queues,
    clusters: [{ name: 'default', channels: [], alertChannel: 'oncall' }],
    named: { cluster: null, channel: null },
    templates: [],
  };
});

afterEach(() => workspace.stop());

const pods = Array.from({ length: 50 }, (_, i) => `shop/api-${i}`);
const alertsOf = (pod: string, status: 'firing' | 'resolved' = 'firing') =>
  ['Down', 'Slow', 'Errors', 'Probe'].map((name) => ({
    status,
    labels: { alertname: name, namespace: 'shop', pod: pod.slice(5) },
    annotations: {},
    startsAt: '2026-01-01T00:00:00.000Z',
    fingerprint: `${name}-${pod.slice(5)}`,
  }));
/** As Alertmanager groups them by the name of the alert: one delivery a group, and each of them twice. */
const deliveries = (status: 'firing' | 'resolved' = 'firing') =>
  ['Down', 'Slow', 'Errors', 'Probe'].flatMap((name) => {
    const alerts = pods.flatMap((pod) => alertsOf(pod, status)).filter(({ labels }) => labels.alertname === name);
    const one = { version: '4', groupKey: `{}:{alertname="${name}"}`, alerts };
    return [one, one];
  });

/**
 * What workers do with the jobs that wait, with these verdicts.
 * @param lateOnes how many of the first ones are placed after all others, which come between their verdict and their place
 */
async function work(verdictOf: (pod: string) => Verdict, lateOnes = 0): Promise<void> {
  const waiting = [...jobs.values()];
  const late: string[] = [];
  jobs.clear();
  for (const { data } of waiting) {
    const payload = diagnosePayload.parse(data);
    if (payload.kind !== 'diagnosis') continue;
    await begin(payload);
    await tell(deps, payload.run, { type: 'verdict', verdict: verdictOf(payload.target.pod) });
    if (late.length < lateOnes) late.push(payload.run);
    else await placeRun(deps, payload.run);
  }
  for (const run of late) await placeRun(deps, run);
}

async function begin({ run, target, requester, origin, alert }: DiagnosisRequest): Promise<void> {
  await tell(deps, run, { type: 'started', target, requester, origin });
  if (alert) await tell(deps, run, { type: 'alert', alert, status: 'firing' });
}

/** Makes a job that waits one that is held for another run. @returns the pod that it is about */
function holdFor(lead: QueuedJob | undefined, job: QueuedJob | undefined): string {
  const data = diagnosePayload.parse(job?.data);
  if (!lead || !job || data.kind !== 'diagnosis') throw new Error('there is no such diagnosis');
  jobs.set(job.id, { ...job, data: { ...data, origin: { ...data.origin, joins: lead.id } } });
  return data.target.pod;
}

/** A notifier as a process has it that knows nothing of earlier ones. */
async function notifyAll(): Promise<void> {
  const client = createSlackClient({ token: workspace.start.bot_token, apiUrl: workspace.apiUrl });
  let slept = 0;
  const clock = {
    now: () => new Date(Date.now() + slept),
    sleep: async (ms: number) => void (slept += ms),
  };
  const thread = createSlackThread({ client, clock });
  const notify = createNotifier({ store, seals: testSeals, clock, thread, warn: deps.warn });
  for (const run of told) await notify(run, new AbortController().signal);
}

const messages = () => workspace.messages({ channel: 'oncall' });
const parents = () => messages().filter((message) => !message['thread_ts'] || message['thread_ts'] === message['ts']);
const words = () => messages().map((message) => linesOf(message as unknown as ChannelMessage).join('\n'));
const fault = (roots: Verdict['roots']) => sampleVerdict({ roots, consequences: [], latent: [] });

test('200 alerts over 50 pods of one cause are one thread that lists each pod once', async () => {
  for (const delivery of deliveries()) await receiveAlerts(deps, delivery);
  expect(jobs.size).toBe(50);
  await notifyAll();
  await work(() => fault([ipipLost]));
  await notifyAll();
  expect(parents()).toHaveLength(1);
  const list = words().filter((text) => text.includes('more targets fire with this alert'));
  expect(list).toHaveLength(1);
  const [, ...victims] = pods;
  for (const pod of victims) expect(list[0]?.split(new RegExp(`${pod}(?![0-9])`))).toHaveLength(2);
  expect(words()[0]).toMatch(/49 more targets fire: 49 with this cause/);

  for (const delivery of deliveries('resolved')) await receiveAlerts(deps, delivery);
  await notifyAll();
  expect(words()[0]).toMatch(/49 more targets fire: 49 resolved/);
  expect(parents()).toHaveLength(1);
});

test('a run that leads keeps its cause between its verdict and its place', async () => {
  for (const delivery of deliveries()) await receiveAlerts(deps, delivery);
  await work(() => fault([ipipLost]), 1);
  await notifyAll();
  expect(parents()).toHaveLength(1);
  expect(words()[0]).toMatch(/49 more targets fire: 49 with this cause/);
});

test('runs that were held for one which is held itself come into the list of the first', async () => {
  for (const delivery of deliveries()) await receiveAlerts(deps, delivery);
  const [, second, ...others] = [...jobs.values()];
  // As where two deliveries of a group come at once: the second run leads the group, and is not yet held for the first.
  for (const job of others) holdFor(second, job);
  await work(() => fault([ipipLost]), 2);
  await notifyAll();
  expect(parents()).toHaveLength(1);
  expect(words()[0]).toMatch(/49 more targets fire: 49 with this cause/);
});

test('of those, one with another cause is told in the channel: the run that it joins has no thread', async () => {
  const [delivery] = deliveries();
  await receiveAlerts(deps, delivery);
  const [, second, third] = [...jobs.values()];
  const other = holdFor(second, third);
  await work((pod) => fault([pod === other ? forbidden : ipipLost]), 2);
  await notifyAll();
  expect(parents()).toHaveLength(2);
});

test('pods of another cause get one thread of their own, and the unclear ones stay in the list', async () => {
  const alerts = pods.map((pod, at) => ({ version: '4', groupKey: `pod ${at}`, alerts: alertsOf(pod) }));
  for (const delivery of alerts) await receiveAlerts(deps, delivery);
  await work((pod) => {
    if (pod === 'api-7') return sampleVerdict({ verdict: 'inconclusive', roots: [], consequences: [], latent: [] });
    if (pod === 'api-8') return sampleVerdict({ verdict: 'healthy', roots: [], consequences: [], latent: [] });
    return fault(['api-3', 'api-4', 'api-5'].includes(pod) ? [forbidden] : [ipipLost]);
  });
  await notifyAll();
  expect(parents()).toHaveLength(2);
  const [storm = '', other = ''] = words().filter((text) => text.includes('with this alert'));
  expect(storm).toMatch(/Inconclusive \(1\)\nshop\/api-7/);
  expect(storm).toMatch(/Reachable when checked \(1\)\nshop\/api-8/);
  expect(storm).toMatch(/Told on their own \(3\)\nshop\/api-3, shop\/api-4, shop\/api-5/);
  expect(other).toMatch(/With this cause \(2\)\nshop\/api-4, shop\/api-5/);
});

test('a delivery that fails half-way is taken whole when it comes again, and a restart loses nothing', async () => {
  const [delivery] = deliveries();
  failures = 20;
  for (
    let tries = 0;
    tries < 25 &&
    (await receiveAlerts(deps, delivery).then(
      () => false,
      () => true,
    ));
    tries += 1
  );
  expect(jobs.size).toBe(50);
  await work((pod) => (pod === 'api-0' ? fault([forbidden]) : fault([ipipLost])));
  // A worker that dies between the verdict and its place takes the job up again.
  await notifyAll();
  await notifyAll();
  expect(parents()).toHaveLength(1);
  expect(words().join('\n')).toContain('api-49');
  expect(new Set(messages().map((message) => JSON.stringify(message['metadata']))).size).toBe(messages().length);
});

test('200 posts over 50 pods are one thread below the first, and each pod has one line below its own first post', async () => {
  const posted = pods.flatMap((pod) => Array.from({ length: 4 }, () => pod.slice(5)));
  for (const pod of posted) {
    const { attachments } = detailed('FIRING:1', pod);
    const { ts } = workspace.message({ bot: 'Alertmanager', channel: 'oncall', text: '', attachments });
    const post = postOf({ ...detailed('FIRING:1', pod, ts), channel: 'C0ONCALL' }, undefined);
    if (post) await receivePost({ ...deps, patterns: [] }, post);
  }
  expect(jobs.size).toBe(50);
  await work(() => fault([ipipLost]));
  await notifyAll();
  const own = messages().filter((message) => message['bot_id'] === workspace.start.app.bot_id);
  expect(own.filter((message) => !message['thread_ts'])).toEqual([]);
  const below = Map.groupBy(own, (message) => message['thread_ts']);
  expect(below.size).toBe(50);
  const [first, ...others] = [...below.values()].map((all) =>
    all.map((one) => linesOf(one as unknown as ChannelMessage)),
  );
  expect(first?.flat().join('\n')).toMatch(/49 more targets fire: 49 with this cause/);
  for (const one of others)
    expect(one).toEqual([[expect.stringMatching(/^:busts_in_silhouette: default\/mypod is unreachable/)]]);
});

test('on the page a group of alerts is one parent, then worse, then green when all have resolved', async () => {
  const [{ groupKey, alerts } = { groupKey: '', alerts: [] }] = deliveries();
  const three = alerts.slice(0, 3);
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    page.setDefaultTimeout(25_000);
    await page.goto(`${workspace.url}/#user=U0ALICE&channel=C0ONCALL`);
    await page.locator('#composer').waitFor();
    const parent = page.locator('#messages .message');
    const { alerts: received } = await receiveAlerts(deps, { version: '4', groupKey, alerts: three });
    const [run = ''] = received.flatMap((one) => ('run' in one ? [one.run] : []));
    await work(() => fault([ipipLost]));
    await notifyAll();
    await parent.getByText('2 more targets fire').waitFor();
    expect(await parent.count()).toBe(1);
    expect(await parent.innerText()).toMatch(/^🔴 .*is unreachable.*IPIP packets from node-b do not reach node-a/m);

    const worse = fault([ipipLost, forbidden]);
    const changed = verdictChange(fault([ipipLost]), worse);
    await tell(deps, run, { type: 'follow-up', minutes: 5, verdict: worse, changed });
    await notifyAll();
    await parent.getByText('Checked again').waitFor();

    const ended = three.map((alert) => ({ ...alert, status: 'resolved' }));
    await receiveAlerts(deps, { version: '4', groupKey, alerts: ended });
    const healthy = sampleVerdict({ verdict: 'healthy', flow: 'works', roots: [], consequences: [], blindSpots: [] });
    await tell(deps, run, { type: 'follow-up', minutes: 6, verdict: healthy, changed: verdictChange(worse, healthy) });
    await notifyAll();
    await parent.getByText('The alert resolved').waitFor();
    expect(await parent.count()).toBe(1);
    expect(await parent.innerText()).toMatch(/^🟢 .*is reachable/m);
    expect(await parent.getByRole('button', { name: 'Acknowledge' }).count()).toBe(0);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  } finally {
    await browser.close();
  }
}, 60_000);
