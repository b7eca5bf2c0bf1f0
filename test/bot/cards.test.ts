import { expect, test } from '@jest/globals';
import { evidenceFile, evidenceView } from '../../src/bot/render/evidence-view.ts';
import { runMessages } from '../../src/bot/render/run-messages.ts';
import { runState } from '../../src/bot/render/run-state.ts';
import type { PlanRecord, PlanState } from '../../src/model/fix.ts';
import type { RunEventBody } from '../../src/model/runs.ts';
import type { MessageContent } from '../../src/model/thread.ts';
import type { Finding } from '../../src/model/verdict.ts';
import { linesOf } from '../../tools/slack-workspace/client.ts';
import {
  at,
  events,
  ipipLost,
  planRecord,
  sampleAlert,
  sampleRun,
  sampleVerdict,
  started,
  wholeRun,
} from './sample-run.ts';

const rendered = (bodies: readonly RunEventBody[], now: Date | null = null) =>
  runMessages(sampleRun, events(bodies), null, now);
const part = (messages: ReturnType<typeof rendered>, name: string) =>
  messages.find((message) => message.part.startsWith(name))?.content;

function read(content: MessageContent | undefined): string {
  return linesOf({ ts: '', ...content }).join('\n');
}

const endedAt = (now: string) => rendered(wholeRun, new Date(now));

const outcome = (state: PlanState, change: Partial<PlanRecord>) => {
  const record = planRecord('create-pod-profile', state, change);
  return read(part(rendered([...wholeRun, { type: 'plan', record, note: 'It is so.' }]), 'outcome.'));
};

test('a card loses its buttons when its offer ends, and says what to do', () => {
  expect(read(part(endedAt('2098-12-31T23:59:59Z'), 'plan.'))).toContain('[Approve] [Reject] [Full plan]');
  const ended = read(part(endedAt('2099-01-01T00:00:00Z'), 'plan.'));
  expect(ended).toMatch(
    /^:hourglass: Expired: Do grant-controller-rbac\nNobody decided in time, and nothing was changed/,
  );
  expect(ended).not.toContain('[Approve]');
  expect(JSON.stringify(part(endedAt('2099-01-01T00:00:00Z'), 'parent'))).not.toContain('review_fix');
});

test('the asker and the approver are called when a fix is over, in a new message', () => {
  expect(outcome('verified', { approver: 'U0BOB' })).toBe(
    '@U0ALICE @U0BOB :white_check_mark: Fixed and verified: Do create-pod-profile. It is so.',
  );
  expect(outcome('rolled-back', { approver: 'carol (cli, uid 1000)' })).toMatch(/^@U0ALICE :leftwards/);
  for (const state of ['applying', 'superseded', 'expired'] as const)
    expect(outcome(state, { approver: 'U0BOB' })).toBe('');
  expect(outcome('refused', { approver: null })).toBe('');
});

test('the approvers are called by name, once, with a way to the plan', () => {
  const wish: RunEventBody = {
    type: 'approval-wanted',
    plan: 'p-create-pod-profile',
    by: 'U0CAROL',
    approvers: ['U0ALICE', 'S0PLATFORM', '@handle'],
  };
  const messages = rendered([...wholeRun, wish, wish]).filter(({ part: name }) => name.startsWith('wanted.'));
  expect(messages.map(({ content }) => read(content))).toEqual([
    '@U0ALICE @S0PLATFORM @handle @U0CAROL asks you to decide: Do create-pod-profile\n[Full plan]',
  ]);
});

test('evidence is behind a button, the deciding lines first and marked', () => {
  const told = events([started, { type: 'verdict', verdict: sampleVerdict({ roots: [denying], consequences: [] }) }]);
  const state = runState(sampleRun, told);
  if (!state) throw new Error('the run has not started');
  const view = read({ text: '', blocks: evidenceView(state, '').blocks });
  expect(view).toContain('[Send as files to the thread]');
  expect(view).toContain('▶ [3:180] -A cali-tw-cali1234 -j DROP\n  :cali-other - [0:0]');
  expect(evidenceFile(state.findings[0]!)).toContain('    ▶ [3:180] -A cali-tw-cali1234 -j DROP\n      :cali-other');
  expect(JSON.stringify(rendered(wholeRun))).not.toContain('tcpdump -i eth0');
});

const denying: Finding = {
  ...ipipLost,
  detail: 'The packet ends at rule 7 of filter cali-tw-cali1234.',
  evidence: [
    {
      command: 'iptables-save -c',
      node: 'node-a',
      at,
      excerpt: [...Array.from({ length: 8 }, () => ':cali-other - [0:0]'), '[3:180] -A cali-tw-cali1234 -j DROP'].join(
        '\n',
      ),
      file: null,
    },
  ],
};

test('the card of an alert names it', () => {
  const fires = { type: 'alert', alert: { ...sampleAlert, name: 'PodUnreachable' }, status: 'firing' } as const;
  expect(read(part(rendered([...wholeRun, fires]), 'plan.'))).toContain(
    `default · default/mypod · alert PodUnreachable · ${sampleRun}`,
  );
  expect(read(part(rendered(wholeRun), 'plan.'))).toContain(`default · default/mypod · ${sampleRun}`);
});
