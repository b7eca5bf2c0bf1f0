/** What a night brings at once, on the page: a storm of alerts, and a Slack that goes away in the middle of a run. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { closeBrowser, openBrowser, personAt, startHouseWorker, type HouseWorker, type Person } from './on-the-page.ts';
import { alertToken, bot, emptyRedis, endings, settles, store, up, workspace } from './served-bot.ts';
import type { Size } from '../support/screens.ts';

const people: Person[] = [];
let worker: HouseWorker | null = null;

beforeAll(openBrowser);
afterAll(closeBrowser);
beforeEach(emptyRedis);
endings.push(async () => {
  workspace.clearFaults();
  const problems = (await Promise.all(people.map((one) => one.problems()))).flat();
  await Promise.all(people.splice(0).map((one) => one.close()));
  await worker?.stop();
  worker = null;
  expect(problems).toEqual([]);
});

async function comes(size: Size, user: string): Promise<Person> {
  const person = await personAt(size, user);
  people.push(person);
  return person;
}

const pods = Array.from({ length: 50 }, (_, at) => `api-${at}`);
const names = ['Down', 'Slow', 'Errors', 'Probe'];

/** As Alertmanager does it, which groups them by the name of the alert: again, until they are taken. */
async function deliver(alertname: string, status: 'firing' | 'resolved'): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) if ((await deliverOnce(alertname, status)) === 200) return;
  throw new Error(`the alerts ${alertname} were not taken`);
}

/** @returns the status; null: no answer came */
async function deliverOnce(alertname: string, status: 'firing' | 'resolved'): Promise<number | null> {
  const alerts = pods.map((pod) => ({
    status,
    labels: { alertname, namespace: 'shop', pod },
    annotations: {},
    startsAt: '2026-01-01T00:00:00.000Z',
    fingerprint: `${alertname}-${pod}`,
  }));
  const answer = await fetch(`http://127.0.0.1:${bot.port}/alertmanager?channel=oncall`, {
    method: 'POST',
    headers: { authorization: `Bearer ${alertToken}` },
    body: JSON.stringify({ version: '4', groupKey: `{}:{alertname="${alertname}"}`, alerts }),
  }).catch(() => null);
  return answer?.status ?? null;
}

test('200 alerts over 50 pods, each delivered twice, are one parent that lists each pod once', async () => {
  await up('socket', { approvers: 'U0ALICE' });
  worker = startHouseWorker();
  const alice = await comes('phone', 'U0ALICE');
  await Promise.all([...names, ...names].map((name) => deliver(name, 'firing')));
  const parent = alice.messages.locator('.message');
  await parent.getByText('49 with this cause').waitFor({ timeout: 240_000 });
  expect(await parent.count()).toBe(1);
  expect(await parent.innerText()).toMatch(/The door is bare/);
  await alice.openThread();
  const list = alice.thread.locator('.message').filter({ hasText: 'more targets fire with this alert' });
  await list.getByText('With this cause (49)').waitFor();
  expect(await list.count()).toBe(1);
  const listed = (await list.innerText()).match(/shop\/api-\d+/g) ?? [];
  const first = /shop\/api-\d+/.exec(await alice.thread.locator('.message').first().innerText())?.[0] ?? '';
  expect([...listed, first].toSorted()).toEqual(pods.map((pod) => `shop/${pod}`).toSorted());
  await alice.picture('page-storm');

  for (const name of names) await deliver(name, 'resolved');
  await alice.thread.getByText('49 resolved').first().waitFor();
  expect(await parent.count()).toBe(1);
  expect(await list.count()).toBe(1);
}, 400_000);

test.each<Size>(['phone', 'desktop'])(
  'Slack goes away in the middle of a run, on a %s: what was not told comes once, and its buttons work',
  async (size) => {
    await up('socket', { approvers: 'U0ALICE' });
    worker = startHouseWorker({ isRunHeld: true });
    const alice = await comes(size, 'U0ALICE');
    await alice.say('/calico diagnose default/mypod');
    await alice.messages.getByText('Checking').first().waitFor();
    const before = workspace.messages({ channel: 'oncall' }).length;

    workspace.fault({ method: '*', kind: 'disconnect', times: 1_000_000 });
    workspace.fault({ method: 'socket', kind: 'disconnect', abrupt: true });
    worker.letRun();
    const [run = ''] = await store.runs(1);
    await settles(async () => (await store.events(run)).some(({ type }) => type === 'plan'));
    expect(workspace.messages({ channel: 'oncall' })).toHaveLength(before);
    expect(await alice.messages.getByText('The door is bare').count()).toBe(0);

    workspace.clearFaults();
    await settles(() => workspace.connections() === 2);
    await alice.messages.getByText('The door is bare').first().waitFor();
    await alice.openThread();
    await alice.press('Approve', 'Approve');
    await alice.thread.getByText('Fixed and verified').first().waitFor();
    const own = workspace.messages({ channel: 'oncall' }).filter((message) => message['metadata']);
    expect(new Set(own.map(({ metadata }) => JSON.stringify(metadata))).size).toBe(own.length);
    expect(await alice.messages.locator('.message').filter({ hasText: 'The door is bare' }).count()).toBe(1);
    expect(worker.world.applied).toBe(1);
    await alice.picture('page-back');
  },
  400_000,
);
