/** From a typed command to a verified fix, and what goes wrong with buttons, as people see it on phone and desk. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { CleanEvent } from '../../src/model/runs.ts';
import { createMessageBook } from '../../src/bot/message-book.ts';
import { closeBrowser, openBrowser, personAt, startHouseWorker, type HouseWorker, type Person } from './on-the-page.ts';
import type { Size } from '../support/screens.ts';
import { planRecord, events, sampleRun, wholeRun } from './sample-run.ts';
import { notified } from './notified.ts';
import { emptyRedis, endings, postButtons, restart, settles, store, up, workspace } from './served-bot.ts';

const people: Person[] = [];
let worker: HouseWorker | null = null;

beforeAll(openBrowser);
afterAll(closeBrowser);
beforeEach(emptyRedis);
endings.push(async () => {
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
const words = (person: Person) => person.thread.innerText();
const approveButtons = (person: Person) => person.thread.getByRole('button', { name: 'Approve', exact: true });

test.each<[Size, Size]>([
  ['phone', 'desktop'],
  ['desktop', 'phone'],
])(
  'asked on a %s: found, refused to one, approved by another on a %s, verified',
  async (at, otherAt) => {
    await up('socket', { approvers: 'U0ALICE' });
    worker = startHouseWorker({ isHeld: true, calls: ['U0ALICE'] });
    const carol = await comes(at, 'U0CAROL');
    await carol.say('/calico diagnose default/mypod');
    await carol.messages.getByText('The door is bare').first().waitFor();
    await carol.openThread();
    await approveButtons(carol).waitFor();
    // Those who may decide are called in a message of its own: an edit makes no phone ring.
    await carol.thread
      .locator('.message')
      .filter({ hasText: /@Alice[^]*This fix waits for your approval/ })
      .waitFor();
    await carol.press('Approve', 'Approve');
    await carol.thread.getByText('You cannot decide about this fix').waitFor();
    await carol.press('Ask the approvers');
    await carol.thread.getByText('asks you to decide').waitFor();
    await carol.picture('page-asked');

    const alice = await comes(otherAt, 'U0ALICE');
    await alice.openThread();
    await approveButtons(alice).waitFor();
    expect(await alice.thread.getByText('You cannot decide').count()).toBe(0);
    await alice.press('Approve', 'Approve');
    // While the job runs there is nothing to press, for anybody.
    await alice.thread
      .getByText(/Applying:|Approved, queued:/)
      .first()
      .waitFor();
    for (const person of [alice, carol]) await approveButtons(person).waitFor({ state: 'detached' });
    expect(await alice.thread.getByRole('button', { name: 'Reject' }).count()).toBe(0);
    worker.let();
    await alice.thread.getByText('Fixed and verified').first().waitFor();
    await alice.thread
      .getByText(/approved by/)
      .first()
      .waitFor();
    expect(await words(alice)).toMatch(/approved by\s+@Alice/);
    // Asker and approver are called in a message of its own.
    await alice.thread
      .locator('.message')
      .filter({ hasText: /@Carol.*@Alice/ })
      .last()
      .waitFor();
    await alice.picture('page-verified');

    // The name stays in later edits, such as a roll-back and a check again.
    await alice.press('Roll back', 'Roll back');
    await alice.thread.getByText('Rolled back').first().waitFor();
    expect(await words(alice)).toMatch(/approved by\s+@Alice/);
    expect(worker.world).toMatchObject({ applied: 1, rolledBack: 1 });
  },
  180_000,
);

const yes = (person: Person) => person.page.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true });

test('two people who approve at once, one of them twice, apply it once', async () => {
  await up('socket', { approvers: 'U0ALICE,U0BOB' });
  worker = startHouseWorker({ approvers: ['U0ALICE', 'U0BOB'] });
  const [alice, bob] = [await comes('phone', 'U0ALICE'), await comes('desktop', 'U0BOB')];
  await alice.say('/calico diagnose default/mypod');
  await alice.messages.getByText('The door is bare').first().waitFor();
  for (const person of [alice, bob]) {
    await person.openThread();
    await approveButtons(person).click();
  }
  await Promise.all([yes(alice).dblclick(), yes(bob).click()]);
  await alice.thread.getByText('Fixed and verified').first().waitFor();
  const run = /r-[0-9A-Z]{26}/.exec(await words(bob))?.[0] ?? '';
  expect(worker.world.applied).toBe(1);
  expect((await store.events(run)).filter(isTold)).toHaveLength(1);
}, 300_000);

test.each<Size>(['phone', 'desktop'])(
  'where two people must approve, on a %s: one, the same again, the second',
  async (at) => {
    await up('socket', { approvers: 'U0ALICE,U0BOB', twoFrom: 'low' });
    worker = startHouseWorker({ approvers: ['U0ALICE', 'U0BOB'], twoFrom: 'low' });
    const [alice, bob] = [await comes(at, 'U0ALICE'), await comes(at, 'U0BOB')];
    await alice.say('/calico diagnose default/mypod');
    await alice.messages.getByText('The door is bare').first().waitFor();
    await alice.openThread();
    await alice.thread.getByText('Two people').first().waitFor();
    await alice.press('Approve', 'Approve');
    await alice.thread.getByText('Your approval is kept').waitFor();
    await alice.thread.getByText(/; @Alice.* did/).waitFor();
    await alice.picture(`page-first-of-two-${at}`);
    await alice.press('Approve', 'Approve');
    await alice.thread.getByText('you approved it already').waitFor();
    expect(worker.world.applied).toBe(0);
    await bob.openThread();
    await bob.press('Approve', 'Approve');
    await bob.thread.getByText('Fixed and verified').first().waitFor();
    await bob.thread
      .getByText(/approved by/)
      .first()
      .waitFor();
    expect(await words(bob)).toMatch(/approved by\s+@Alice.*\s+and\s+@Bob/);
    await bob.picture(`page-both-${at}`);
    expect(worker.world.applied).toBe(1);
  },
  300_000,
);

/** The first case in a thread: its two fixes wait, and no worker takes them up. */
async function firstCaseThread(): Promise<void> {
  for (const event of events(wholeRun)) await store.append(sampleRun, event);
  for (const fix of ['grant-controller-rbac', 'create-pod-profile']) await store.savePlan(planRecord(fix));
  await notified(sampleRun);
}
/** Cards name each other in quotes. */
const card = (person: Person, title: string) =>
  person.thread
    .locator('.message')
    .filter({ hasText: `: ${title}` })
    .filter({ hasText: 'Acts on' });

const isTold = (event: CleanEvent) => event.type === 'plan' && event.record.state === 'approved';

test('approving the second card leaves the first one, also after a restart of the bot', async () => {
  await up('socket');
  await firstCaseThread();
  const alice = await comes('phone', 'U0ALICE');
  await alice.openThread();
  await card(alice, 'Do create-pod-profile').waitFor();
  const before = await card(alice, 'Do grant-controller-rbac').innerText();
  await restart();
  await card(alice, 'Do create-pod-profile').getByRole('button', { name: 'Approve' }).click();
  await alice.page.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();
  await settles(async () => (await store.events(sampleRun)).some(isTold));
  await notified(sampleRun);
  await alice.thread.getByText('Approved, queued:').waitFor();
  expect(await card(alice, 'Do grant-controller-rbac').innerText()).toBe(before);
  expect((await store.plan('p-grant-controller-rbac'))?.state).toBe('proposed');
}, 300_000);

test('a dialog of a plan that was superseded meanwhile approves nothing, and says so', async () => {
  await up('socket');
  await firstCaseThread();
  const alice = await comes('phone', 'U0ALICE');
  await alice.openThread();
  await card(alice, 'Do create-pod-profile').getByRole('button', { name: 'Full plan' }).click();
  const dialog = alice.page.getByRole('dialog');
  await dialog.getByText('Acts on').waitFor();
  await store.transition('p-create-pod-profile', ['proposed'], { state: 'superseded' });
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await alice.thread.getByText('Already decided: superseded').waitFor();
  expect((await store.plan('p-create-pod-profile'))?.state).toBe('superseded');
}, 300_000);

test('a card whose offer ended has no button to decide', async () => {
  await up('socket');
  const over = planRecord('create-pod-profile');
  const { sealPlan } = await import('../../src/plans/signed-plan.ts');
  const { samplePlan } = await import('../support/sample-plan.ts');
  const { testSeals } = await import('../support/signing.ts');
  const plan = samplePlan({ ...over.plan, expiresAt: '2026-01-01T03:05:00.000Z', digest: undefined as never });
  const bodies = [
    ...wholeRun.slice(0, -1),
    { type: 'plan', record: sealPlan(testSeals, plan, 'U0ALICE'), note: null } as const,
  ];
  for (const event of events(bodies)) await store.append(sampleRun, event);
  await notified(sampleRun);
  const alice = await comes('phone', 'U0ALICE');
  await alice.openThread();
  const expired = alice.thread.locator('.message').filter({ hasText: 'Expired:' });
  await expired.getByText('Do create-pod-profile').waitFor();
  expect(await expired.getByRole('button').allInnerTexts()).toEqual(['Re-check', 'Full plan']);
}, 300_000);

test('one who has left the group is refused at the click, and nothing is decided', async () => {
  await up('socket', { approvers: '@platform' });
  await firstCaseThread();
  const bob = await comes('desktop', 'U0BOB');
  await bob.openThread();
  await card(bob, 'Do create-pod-profile').waitFor();
  const [group] = workspace.start.usergroups;
  if (group) group.users = group.users.filter((user) => user !== 'U0BOB');
  await card(bob, 'Do create-pod-profile').getByRole('button', { name: 'Approve' }).click();
  await bob.page.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();
  await bob.thread.getByText('You cannot decide about this fix').waitFor();
  expect((await store.plan('p-create-pod-profile'))?.state).toBe('proposed');
}, 300_000);

test('with Redis away a click is answered on the page, and decides nothing', async () => {
  await up('socket', { redis: 'redis://127.0.0.1:1' });
  const ts = await postButtons('create-pod-profile');
  await createMessageBook(store).remember(sampleRun, 'parent', { channel: 'C0ONCALL', ts, thread: null, content: '' });
  const alice = await comes('phone', 'U0ALICE');
  await alice.page.goto('about:blank');
  await alice.page.goto(`${workspace.url}/#user=U0ALICE&channel=C0ONCALL&thread=${ts}`);
  await alice.thread.getByRole('button', { name: 'approve_fix' }).click();
  await alice.thread.getByText('Not done: Redis does not answer').waitFor();
  expect((await store.plan('p-create-pod-profile'))?.state).toBe('proposed');
}, 300_000);
