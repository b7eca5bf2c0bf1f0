/** What can go wrong between a button and a decision: each click decides what its person saw, once, or nothing. */
import { expect, test } from '@jest/globals';
import { digestOf } from '../../src/fixes/digest.ts';
import { runMessages } from '../../src/bot/render/run-messages.ts';
import { samplePlan } from '../support/sample-plan.ts';
import { proposed } from '../support/signing.ts';
import { events, planRecord, sampleRun, wholeRun } from './sample-run.ts';
import { jobsOf, postButtons, restart, settles, store, up, whispers, workspace } from './served-bot.ts';

const click = (user: string, ts: string, action = 'approve_fix') =>
  workspace.click({ user, channel: 'oncall', ts, action_id: action });
const stateOf = async (plan: string) => (await store.plan(`p-${plan}`))?.state;

const jobsAbout = (taken: readonly { readonly data: unknown }[], plan: string) =>
  taken.filter(({ data }) => JSON.stringify(data).includes(plan));

test('the first click after a restart counts', async () => {
  await up('socket');
  const ts = await postButtons('restarted');
  await restart();
  await click('alice', ts);
  await settles(async () => (await stateOf('restarted')) === 'approved');
});

const approvals = async () =>
  (await store.events(sampleRun)).filter(
    (event) => event.type === 'plan' && event.record.plan.id === 'p-doubled' && event.record.state === 'approved',
  );

test('a double click, and two people at once, approve once and add one job', async () => {
  await up('socket');
  const { taken } = jobsOf();
  const ts = await postButtons('doubled');
  await Promise.all([click('alice', ts), click('alice', ts), click('bob', ts)]);
  await settles(async () => (await approvals()).length > 0 && jobsAbout(taken, 'p-doubled').length > 0);
  expect(await approvals()).toHaveLength(1);
  expect(jobsAbout(taken, 'p-doubled')).toHaveLength(1);
});

const card = (bodies: typeof wholeRun) =>
  runMessages(sampleRun, events(bodies)).find(({ part }) => part === 'plan.p-grant-controller-rbac');

test('a decision about the second fix leaves the first one and its message as they are', async () => {
  await up('socket');
  await postButtons('first');
  const second = await postButtons('second');
  await click('alice', second);
  await settles(async () => (await stateOf('second')) === 'approved');
  expect(await stateOf('first')).toBe('proposed');

  const decided = { ...planRecord('create-pod-profile', 'approved'), approver: 'U0ALICE' };
  expect(card([...wholeRun, { type: 'plan', record: decided, note: null }])).toEqual(card(wholeRun));
});

test.each(['superseded', 'applying', 'expired'] as const)(
  'a click on a plan that is %s decides nothing',
  async (state) => {
    await up('socket');
    const { taken } = jobsOf();
    const ts = await postButtons(`late-${state}`, { state });
    await click('alice', ts);
    await settles(() => whispers('alice').length > 0);
    expect(whispers('alice')[0]).toContain(`Already decided: ${state}`);
    expect(await stateOf(`late-${state}`)).toBe(state);
    expect(jobsAbout(taken, `p-late-${state}`)).toEqual([]);
  },
);

test('a click after the offer ended expires the plan', async () => {
  await up('socket');
  const record = planRecord('over');
  const plan = samplePlan({ ...record.plan, expiresAt: '2026-01-01T00:00:00.000Z', digest: '' });
  const ts = await postButtons('over', proposed({ ...plan, digest: digestOf(plan) }, 'U0ALICE'));
  await click('alice', ts);
  await settles(async () => (await stateOf('over')) === 'expired');
});

test('a person who left the group decides nothing from then on', async () => {
  await up('socket', { approvers: '@platform' });
  const ts = await postButtons('left');
  const [group] = workspace.start.usergroups;
  if (!group) throw new Error('the workspace has no group');
  group.users = group.users.filter((user) => user !== 'U0BOB');
  await click('bob', ts);
  await settles(() => whispers('bob').length > 0);
  expect(whispers('bob')[0]).toContain('You cannot decide about this fix');
  expect(await stateOf('left')).toBe('proposed');
});

test('with Redis away a click is answered, and decides nothing', async () => {
  await up('socket', { redis: 'redis://127.0.0.1:1' });
  const ts = await postButtons('away');
  await click('alice', ts);
  await settles(() => whispers('alice').length > 0);
  expect(whispers('alice')[0]).toMatch(/^:warning: Not done: Redis does not answer\. Try again in a minute\.$/);
  expect(await stateOf('away')).toBe('proposed');
}, 20_000);
