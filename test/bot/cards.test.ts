import { expect, test } from '@jest/globals';
import { evidenceFile, evidenceView } from '../../src/bot/render/evidence-view.ts';
import { runMessages } from '../../src/bot/render/run-messages.ts';
import { runState } from '../../src/bot/render/run-state.ts';
import type { PlanRecord, PlanState } from '../../src/model/fix.ts';
import type { RunEventBody } from '../../src/model/runs.ts';
import type { MessageContent } from '../../src/model/thread.ts';
import type { Finding } from '../../src/model/verdict.ts';
import { linesOf } from '../../tools/slack-workspace/client.ts';
import { signApproval } from '../../src/plans/signed-plan.ts';
import { person, proposed, testSeals } from '../support/signing.ts';
import { firstCase } from './first-case.ts';
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

/** Both fixes of the first case: the second one's finding follows from the first one's. */
const cardOf = (
  fix: string,
  change: Partial<PlanRecord['plan']> = {},
  states: Readonly<Record<string, PlanState>> = {},
) => {
  const bodies = firstCase.map((body): RunEventBody => {
    if (body.type !== 'plan') return body;
    const { plan } = body.record;
    const its = plan.id === `p-${fix}` ? change : {};
    return { ...body, record: { ...body.record, plan: { ...plan, ...its }, state: states[plan.fix] ?? 'proposed' } };
  });
  return read(part(rendered(bodies), `plan.p-${fix}`));
};

test('a card says how long it takes, what stops, who changed the object last, and that a dry run was accepted', () => {
  const card = cardOf('grant-controller-rbac');
  expect(card).toContain('Takes: up to 130 s; flows go on, unless the controller now makes a policy that denies them');
  expect(card).toContain('Last change: ClusterRole calico-kube-controllers, by kubectl-edit, 2026-01-01 02:51 UTC');
  expect(card).toContain('4 conditions held, dry run accepted at 03:04 UTC');
  const older = cardOf('grant-controller-rbac', { during: undefined, changed: undefined, rehearsed: undefined });
  expect(older).not.toMatch(/Takes:|Last change:|dry run/);
});

test('a card shows what changes before its buttons, also where it has much to say', () => {
  const long = Array.from({ length: 60 }, () => 'word').join(' ');
  const card = cardOf('grant-controller-rbac', {
    blastRadius: long,
    owner: long,
    title: long,
    changed: { object: long, by: long, at },
    during: { seconds: 1, traffic: long },
    rollback: { kind: 'exact', description: long },
  });
  expect(card).toMatch(/\+subjects:[^]*\[Approve\]/);
  expect(card.split(/\s+/).length).toBeLessThanOrEqual(130);
  expect(card).not.toContain('Last change:');
});

test('what others wrote about the last change is text alone', () => {
  const hostile = '<!channel> *bold* <https://evil.example|x>';
  const bodies = firstCase.map((body) =>
    body.type === 'plan'
      ? {
          ...body,
          record: {
            ...body.record,
            plan: { ...body.record.plan, changed: { object: hostile, by: hostile, at: hostile } },
          },
        }
      : body,
  );
  for (const { content } of rendered(bodies))
    expect(JSON.stringify(content)).not.toMatch(/"type":"(?:link|broadcast)"/);
});

test.each<[string, string, Readonly<Record<string, PlanState>>, string | null]>([
  ['the cause of another', 'grant-controller-rbac', {}, 'first: it may make “Create profile kns.default” unnecessary'],
  ['the cause of one that is over', 'grant-controller-rbac', { 'create-pod-profile': 'superseded' }, null],
  ['a consequence', 'create-pod-profile', {}, 'which may be enough'],
  [
    'a consequence whose cause is being fixed',
    'create-pod-profile',
    { 'grant-controller-rbac': 'applying' },
    'after “Bind kube-system/calico-kube-controllers',
  ],
  [
    'a consequence whose cause is fixed',
    'create-pod-profile',
    { 'grant-controller-rbac': 'verified' },
    're-check first: “Bind kube-system/calico-kube-controllers',
  ],
  [
    'a consequence whose cause stays',
    'create-pod-profile',
    { 'grant-controller-rbac': 'rejected' },
    'quick relief; its cause stays: The Calico controller may not watch namespaces',
  ],
])('the card of %s says in which order to approve', (_, fix, states, order) => {
  const card = cardOf(fix, {}, states);
  if (order === null) expect(card).not.toContain('Order:');
  else expect(card).toMatch(new RegExp(`Order: .*${order.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}`));
});

test('a card says that two people must approve, and who did', () => {
  const record = proposed({ ...planRecord('create-pod-profile').plan, approvals: 2 }, 'U0ALICE');
  const card = (change: Partial<PlanRecord>) =>
    read(part(rendered([started, { type: 'plan', record: { ...record, ...change }, note: null }]), 'plan.'));
  const first = signApproval(testSeals, 'apply', record.plan, person('U0BOB'), new Date(at));
  expect(card({})).toContain('Two people must approve\n');
  expect(card({ first })).toContain('Two people must approve; @U0BOB did\n');
  expect(card({ first, state: 'approved', approver: 'U0CAROL' })).toContain('approved by @U0BOB and @U0CAROL');
});

test('the card of an alert names it', () => {
  const fires = { type: 'alert', alert: { ...sampleAlert, name: 'PodUnreachable' }, status: 'firing' } as const;
  expect(read(part(rendered([...wholeRun, fires]), 'plan.'))).toContain('for default/mypod · alert PodUnreachable');
  expect(read(part(rendered(wholeRun), 'plan.'))).toContain('\nfor default/mypod\n');
});
