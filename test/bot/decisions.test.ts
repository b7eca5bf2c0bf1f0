import { expect, test } from '@jest/globals';
import { signedApproval } from '../../src/model/stored.ts';
import { testSeals } from '../support/signing.ts';
import { planRecord, sampleRun } from './sample-run.ts';
import { workspace, store, up, jobsOf, whispers, postButtons, settles } from './served-bot.ts';

test.each([
  ['another channel', { channel: 'C0OTHER' }],
  ['another thread', { ts: '1.1' }],
])('a click outside the thread of the diagnosis (%s) decides nothing', async (where, told) => {
  await up('socket');
  const id = `elsewhere-${where.replace(' ', '-')}`;
  const ts = await postButtons(id, {}, told);
  await workspace.click({ user: 'alice', channel: 'oncall', ts, action_id: 'approve_fix' });
  await settles(() => whispers('alice').length > 0);
  expect(whispers('alice')).toEqual([expect.stringContaining('not in the thread of its diagnosis')]);
  expect((await store.plan(`p-${id}`))?.state).toBe('proposed');
});

test('a rollback is approved by who may decide, and its approval goes with the job', async () => {
  await up('socket');
  const { taken } = jobsOf();
  const ts = await postButtons('undo', { state: 'verified', applied: { color: 'red' } });
  await workspace.click({ user: 'carol', channel: 'oncall', ts, action_id: 'rollback_fix' });
  await settles(() => whispers('carol').length > 0);
  expect(whispers('carol')[0]).toContain('You cannot decide about this fix');
  await workspace.click({ user: 'alice', channel: 'oncall', ts, action_id: 'rollback_fix' });
  await settles(() => taken.length > 0);
  expect(taken).toMatchObject([
    {
      queue: 'fix',
      data: {
        plan: 'p-undo',
        action: 'rollback',
        approval: { approval: { action: 'rollback', approver: 'U0ALICE', plan: 'p-undo' } },
      },
    },
  ]);
  const { approval, seal } = signedApproval.parse((taken[0]!.data as { approval: unknown }).approval);
  expect(testSeals.check('approval', approval, seal)).toBe('holds');
});

test('where two people must approve, one who clicks twice is told so, and the second one decides', async () => {
  await up('socket', { approvers: 'U0ALICE,U0BOB', twoFrom: 'low' });
  const { taken } = jobsOf();
  const ts = await postButtons('both');
  const click = (user: string) => workspace.click({ user, channel: 'oncall', ts, action_id: 'approve_fix' });
  await click('alice');
  await settles(() => whispers('alice').length === 1);
  expect(whispers('alice')[0]).toBe(
    'Your approval is kept. Nothing is applied until another person approves this fix, too.\n[Ask the approvers]',
  );
  await click('alice');
  await settles(() => whispers('alice').length === 2);
  expect(whispers('alice')[1]).toBe(':lock: Not done: you approved it already, and another person must, too.');
  expect(taken).toEqual([]);
  await click('bob');
  await settles(() => taken.length > 0);
  expect(taken).toMatchObject([{ queue: 'fix', data: { plan: 'p-both', action: 'apply' } }]);
  expect(await store.plan('p-both')).toMatchObject({ approver: 'U0BOB', first: { approval: { approver: 'U0ALICE' } } });
});

test('a plan that was changed after it was made is not approved', async () => {
  await up('socket');
  const { plan } = planRecord('changed');
  const ts = await postButtons('changed', { plan: { ...plan, blastRadius: 'everything' } });
  await workspace.click({ user: 'alice', channel: 'oncall', ts, action_id: 'approve_fix' });
  await settles(() => whispers('alice').length > 0);
  expect(whispers('alice')).toEqual([
    ':lock: Not done: the plan was changed after it was signed, or a newer version of this program made it.',
  ]);
  expect(await store.plan('p-changed')).toMatchObject({ state: 'proposed', approval: null });
});

test('re-check asks for a diagnosis of the same target in the same thread', async () => {
  await up('socket');
  const { taken } = jobsOf();
  const ts = await postButtons('recheck');
  await workspace.click({ user: 'carol', channel: 'oncall', ts, action_id: 'recheck' });
  await settles(() => taken.length > 0);
  expect(taken).toEqual([
    {
      queue: 'diagnose',
      data: expect.objectContaining({
        requester: 'U0CAROL',
        origin: { kind: 'recheck', channel: 'C0ONCALL', thread: ts, joins: sampleRun },
      }),
    },
  ]);
});

test('rejecting ends the plan', async () => {
  await up('socket', { approvers: 'S0PLATFORM' });
  const ts = await postButtons('declined');
  await workspace.click({ user: 'bob', channel: 'oncall', ts, action_id: 'reject_fix' });
  await settles(async () => (await store.plan('p-declined'))?.state === 'rejected');
});

test('with nobody configured nobody may approve', async () => {
  await up('socket', { approvers: '' });
  const ts = await postButtons('nobody');
  await workspace.click({ user: 'alice', channel: 'oncall', ts, action_id: 'approve_fix' });
  await settles(() => whispers('alice').length > 0);
  expect(whispers('alice')[0]).toContain('APPROVERS is empty');
});
