import { describe, expect, test } from '@jest/globals';
import { withGenuinePlans } from '../../src/bot/genuine-plans.ts';
import { runMessages } from '../../src/bot/render/run-messages.ts';
import type { PlanRecord } from '../../src/model/fix.ts';
import type { CleanEvent, CleanEventOf, RunEventBody } from '../../src/model/runs.ts';
import { digestOf } from '../../src/fixes/digest.ts';
import { otherSeals, proposed, testSeals } from '../support/signing.ts';
import { events, planRecord, sampleRun, started } from './sample-run.ts';

const record = planRecord('create-pod-profile');
const shown = (told: readonly CleanEvent[]) =>
  JSON.stringify(runMessages(sampleRun, withGenuinePlans(sampleRun, told, testSeals), null));
const offer = (of: PlanRecord = record): RunEventBody => ({ type: 'plan', record: of, note: null });
const changed = { ...record, plan: { ...record.plan, title: 'Something harmless' } };

test('a plan that this program made is shown with its buttons', () => {
  expect(shown(events([started, offer()]))).toContain('approve_fix');
});

describe('no button, and nothing of its text, for', () => {
  test.each<[string, readonly CleanEvent[]]>([
    ['a plan that was changed', events([started, offer(changed)])],
    [
      'a plan that was changed, with a new digest',
      events([started, offer({ ...changed, plan: { ...changed.plan, digest: digestOf(changed.plan) } })]),
    ],
    [
      'a plan whose requester was changed',
      events([
        started,
        offer({ ...changed, plan: { ...record.plan, title: 'Something harmless' }, requester: 'U0EVE' }),
      ]),
    ],
    ['a plan of another key', events([started, offer(proposed(changed.plan, 'U0ALICE', otherSeals))])],
    ['a plan of another run', events([started, offer(proposed({ ...changed.plan, run: 'r-other' }, 'U0ALICE'))])],
    [
      'what is no plan',
      events([
        started,
        { type: 'plan', record: { state: 'proposed', plan: { title: 'Something harmless' } } as never, note: null },
      ]),
    ],
  ])('%s', (_, told) => {
    const text = shown(told);
    expect(text).not.toContain('approve_fix');
    expect(text).not.toContain('Something harmless');
    expect(text).toContain('This plan cannot be approved');
  });
});

test.each<[string, (event: CleanEventOf<'plan'>) => CleanEvent]>([
  ['a state', (event) => ({ ...event, record: { ...event.record, state: 'verified', applied: { a: 'b' } } })],
  ['a note', (event) => ({ ...event, note: 'Only a dry run: approve it.' })],
  ['an approver', (event) => ({ ...event, record: { ...event.record, approver: 'U0EVE' } })],
  ['no seal', ({ seal: _seal, ...event }) => event],
])('what somebody else says of a plan (%s) is not shown', (_, change) => {
  const told = events([started, offer()]).map((event) => (event.type === 'plan' ? change(event) : event));
  const text = shown(told);
  expect(text).toContain('This plan cannot be approved');
  for (const said of ['approve_fix', 'rollback_fix', 'Only a dry run', 'U0EVE', 'verified'])
    expect(text).not.toContain(said);
});

test('a plan of a bot with another key, which that one may have applied, is not said to be not applied', () => {
  const foreign = proposed(record.plan, 'U0ALICE', otherSeals);
  const applied = { ...foreign, state: 'verified' as const, approver: 'U0ALICE', applied: { a: 'b' } };
  const text = shown(events([started, offer(applied)]));
  expect(text).not.toMatch(/Not applied|refused at/);
  expect(text).toContain('is signed with another key');
  expect(text).toContain('I cannot tell whether another bot applied it. Re-check says how the pod is now.');
});

describe('who is called to decide', () => {
  const wish = { type: 'approval-wanted', plan: record.plan.id, by: 'U0CAROL', approvers: ['U0ALICE'] } as const;
  test('whom this program calls', () => {
    expect(shown(events([started, offer(), wish]))).toContain('U0CAROL');
  });
  test.each<[string, RunEventBody]>([
    ['another approver', { ...wish, approvers: ['S0EVERYBODY'], seal: sealed(wish) }],
    ['another asker', { ...wish, by: 'U0EVE', seal: sealed(wish) }],
    ['another run', { ...wish, seal: sealed(wish, 'r-other') }],
    ['no seal', { ...wish, seal: null }],
  ])('not what somebody else writes: %s', (_, forged) => {
    const text = shown(events([started, offer(), forged]));
    for (const said of ['asks you to decide', 'S0EVERYBODY', 'U0EVE', 'U0CAROL']) expect(text).not.toContain(said);
  });
});

describe('a plan that the worker cannot read', () => {
  const unread = { type: 'plan-unread', plan: record.plan.id, action: 'apply' } as const;
  const { type: _type, ...said } = unread;
  const seal = testSeals.seal('unread', { run: sampleRun, ...said });
  const told = 'Nothing was applied: the worker cannot read this plan';
  test('is told, once, with what to do', () => {
    const text = shown(events([started, offer(), { ...unread, seal }, { ...unread, seal }]));
    expect(text.split('"unread.apply.')).toHaveLength(2);
    expect(text).toContain(told);
    expect(text).toContain('Upgrade every worker, then run the diagnosis again');
  });
  test.each<[string, RunEventBody]>([
    ['another action', { ...unread, action: 'rollback', seal }],
    ['another plan', { ...unread, plan: 'p-other', seal }],
    ['another run', { ...unread, seal: testSeals.seal('unread', { run: 'r-other', ...said }) }],
    ['no seal', unread],
  ])('is not told by somebody else: %s', (_, forged) => {
    expect(shown(events([started, offer(), forged]))).not.toContain('cannot read this plan');
  });
});

function sealed(
  { plan, by, approvers }: Pick<CleanEventOf<'approval-wanted'>, 'plan' | 'by' | 'approvers'>,
  run = sampleRun,
) {
  return testSeals.seal('wanted', { run, plan, by, approvers });
}

test('a fix that is applied can be rolled back by a button, where there is a way', () => {
  const applied = { ...record, state: 'verified' as const, applied: { a: 'b' } };
  expect(shown(events([started, offer(applied)]))).toContain('rollback_fix');
  expect(shown(events([started, offer({ ...applied, applied: null })]))).not.toContain('rollback_fix');
  const none = proposed({ ...record.plan, rollback: { kind: 'none', description: '' } }, 'U0ALICE');
  expect(shown(events([started, offer({ ...none, state: 'verified', applied: { a: 'b' } })]))).not.toContain(
    'rollback_fix',
  );
});
