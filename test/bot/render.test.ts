import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { anyRun } from './any-run.ts';
import { samplePlan } from '../support/sample-plan.ts';
import { actions } from '../../src/bot/render/blocks.ts';
import { evidenceView } from '../../src/bot/render/evidence-view.ts';
import { toldElsewhere } from '../../src/bot/render/alert-message.ts';
import { approveButton } from '../../src/bot/render/plan-words.ts';
import { runMessages } from '../../src/bot/render/run-messages.ts';
import { runState } from '../../src/bot/render/run-state.ts';
import type { PlanState } from '../../src/model/fix.ts';
import type { RunEventBody } from '../../src/model/runs.ts';
import type { MessageContent } from '../../src/model/thread.ts';
import type { AnsweredPart, FlowState } from '../../src/model/flow-state.ts';
import type { Finding } from '../../src/model/verdict.ts';
import { checkMessageBlocks } from '../../tools/slack-workspace/block-kit/check-blocks.ts';
import { linesOf } from '../../tools/slack-workspace/client.ts';
import {
  events,
  forbidden,
  ipipLost,
  planRecord,
  sampleHop,
  sampleRun,
  sampleVerdict,
  settled,
  started,
  wholeRun,
} from './sample-run.ts';

const rendered = (bodies: readonly RunEventBody[]) => runMessages(sampleRun, events(bodies));
const part = (bodies: readonly RunEventBody[], name: string) =>
  rendered(bodies).find((message) => message.part.startsWith(name))?.content;

/** What a person reads. */
function read(content: MessageContent | undefined): string {
  return linesOf({ ts: '', ...content }).join('\n');
}

test('while it runs the parent says what is looked at and what was found', () => {
  expect(
    read(
      part(
        [started, { type: 'step-settled', step: settled('target') }, { type: 'finding', finding: ipipLost }],
        'parent',
      ),
    ),
  ).toMatchInlineSnapshot(`
":mag: default/mypod from pod:default/client on 8080/tcp
Checking: test packets to the pod · routes and links on both nodes … (1 of 8 steps done)
Found so far: IPIP packets from node-b do not reach node-a
[Cancel]
asked by @U0ALICE · r-01JSAMPLE"
`);
});

test('a cancelled run says who cancelled it, and a verdict that comes later is not told', () => {
  const cancelled: readonly RunEventBody[] = [
    started,
    { type: 'cancelled', by: 'U0BOB' },
    { type: 'verdict', verdict: sampleVerdict() },
  ];
  expect(read(part(cancelled, 'parent'))).toMatchInlineSnapshot(`
":black_square_for_stop: default/mypod: cancelled by @U0BOB
[Retry]
asked by @U0ALICE · r-01JSAMPLE"
`);
  expect(
    rendered([started, { type: 'verdict', verdict: sampleVerdict() }, { type: 'cancelled', by: 'U0BOB' }])[0]?.content,
  ).toEqual(rendered([started, { type: 'verdict', verdict: sampleVerdict() }])[0]?.content);
});

test('a finding whose fix refused says why there is no button, and what to do instead', () => {
  const told: readonly RunEventBody[] = [
    started,
    { type: 'finding', finding: forbidden },
    { type: 'verdict', verdict: sampleVerdict() },
    { type: 'no-plan', finding: forbidden.id, why: 'an operator owns it', advice: ['kubectl edit installation'] },
  ];
  const state = runState(sampleRun, events(told));
  const seen = state ? read({ text: '', blocks: evidenceView(state, '').blocks }) : '';
  expect(seen).toContain('No button: an operator owns it.');
  expect(seen).toContain('kubectl edit installation\nkubectl apply -f rbac.yaml');
});

test('at the end the parent says the verdict, and what to do in which order', () => {
  expect(read(part(wholeRun, 'parent'))).toMatchInlineSnapshot(`
":red_circle: default/mypod is unreachable from pod:default/client on 8080/tcp. 2 causes:
1. IPIP packets from node-b do not reach node-a (proof by captures)
2. The Calico controller may not watch namespaces (proof: read from the object)
Consequence: Profile kns.default of pod default/mypod does not exist
To do, in this order
1. Ask the cloud network team (cause 1): openstack security group rule create --protocol 4 SECURITY_GROUP
2. Approve Do grant-controller-rbac
3. Approve Do create-pod-profile (quick relief)
[Review fix] [Evidence] [Re-check]
Not checked: felix-log on node-c: connection refused
asked by @U0ALICE · 1.8 s · r-01JSAMPLE"
`);
});

test('a healthy pod is told in one line', () => {
  const verdict = sampleVerdict({
    verdict: 'healthy',
    flow: 'works',
    roots: [],
    consequences: [],
    blindSpots: [],
  });
  expect(read(part([started, { type: 'verdict', verdict }], 'parent'))).toMatchInlineSnapshot(`
":large_green_circle: default/mypod is reachable from pod:default/client on 8080/tcp.
[Re-check]
asked by @U0ALICE · 1.8 s · r-01JSAMPLE"
`);
});

const headlineOf = (
  verdict: 'fault' | 'inconclusive',
  roots: readonly Finding[],
  flow: FlowState,
  answeredPart: AnsweredPart | null = 'judged-port',
) => {
  const path = [sampleHop()];
  const said = sampleVerdict({ verdict, roots, consequences: [], blindSpots: [], path, flow, answeredPart });
  return read(part([started, { type: 'verdict', verdict: said }], 'parent')).split('\n')[0];
};

test('a port that answers is not said to be the one that does not', () => {
  expect([
    headlineOf('fault', [ipipLost], 'fails'),
    headlineOf('fault', [], 'fails'),
    headlineOf('inconclusive', [], 'fails'),
    headlineOf('inconclusive', [], 'unknown'),
  ]).toEqual([
    ':red_circle: default/mypod answers from pod:default/client on 8080/tcp, but not on every port that it declares. Cause: IPIP packets from node-b do not reach node-a',
    ':large_orange_circle: default/mypod answers from pod:default/client on 8080/tcp, but not on every port that it declares. The cause was not found.',
    ':large_orange_circle: default/mypod answers from pod:default/client on 8080/tcp, but not on every port that it declares. The cause was not found.',
    ':white_circle: default/mypod answers from pod:default/client on 8080/tcp, but some other declared ports were not checked.',
  ]);
});

test.each([
  [null, 'fails', 'is unreachable from pod:default/client on 8080/tcp.'],
  ['small-packets', 'fails', 'answers from pod:default/client on 8080/tcp, but only to small packets.'],
  ['some-packets', 'fails', 'answers from pod:default/client on 8080/tcp, but only at times.'],
  [
    'handshake',
    'fails',
    'answers from pod:default/client on 8080/tcp, but only handshakes: connections open, and what follows is lost.',
  ],
  ['judged-pod', 'fails', 'answers from pod:default/client on 8080/tcp, but not at every pod behind it.'],
  [
    'judged-pod',
    'unknown',
    'answers from pod:default/client on 8080/tcp, but the other pods behind it were not checked.',
  ],
] as const)('of a flow of which %s answers, and that %s, is said what answers', (part, flow, said) => {
  const roots = flow === 'fails' ? [ipipLost] : [];
  expect(headlineOf('fault', roots, flow, part)).toContain(`default/mypod ${said}`);
});

test('what could not be seen is never called healthy', () => {
  const verdict = sampleVerdict({ verdict: 'inconclusive', flow: 'unknown', roots: [], consequences: [] });
  expect(read(part([started, { type: 'verdict', verdict }], 'parent'))).toMatchInlineSnapshot(`
":white_circle: I cannot tell whether default/mypod is reachable from pod:default/client on 8080/tcp. Some checks could not run.
Not checked: felix-log on node-c: connection refused
To do: timeout 5 bash -c '</dev/tcp/node-c/22' && echo open # from the machine of the bot
[Retry] [Evidence] [Wait for traffic] [Try from node-b]
asked by @U0ALICE · 1.8 s · r-01JSAMPLE"
`);
});

test('a fix shows all that an approver has to know', () => {
  expect(read(part(wholeRun, 'plan'))).toMatchInlineSnapshot(`
":wrench: Fix: Do grant-controller-rbac
for default/mypod
+painted
Acts on: house, as root by SSH
Affects: one door
Risk: low (1/3). Undo: exact. Strip the paint
Order: first: it may make “Do create-pod-profile” unnecessary
if nobody acts, nothing changes · expires 00:00 UTC
[Approve] [Reject] [Full plan]"
`);
});

test.each<[PlanState, string, boolean]>([
  ['approved', 'Approved', false],
  ['applying', 'Applying', false],
  ['verified', 'Fixed and verified', true],
  ['rolled-back', 'Rolled back', true],
  ['failed', 'Failed', true],
  ['refused', 'Not applied', true],
  ['expired', 'Expired', true],
  ['superseded', 'No longer needed', true],
  ['rejected', 'Rejected', false],
])('a fix that is %s says so, and offers no approval', (state, words, recheck) => {
  const content = part(
    [
      ...wholeRun,
      { type: 'plan', record: planRecord('create-pod-profile', state, { approver: 'U0BOB' }), note: 'why <it> is so' },
    ],
    'plan.p-create',
  );
  expect(read(content)).toContain(words);
  expect(read(content)).toContain('why <it> is so');
  expect(JSON.stringify(content)).not.toContain('approve_fix');
  expect(JSON.stringify(content).includes('"recheck"')).toBe(recheck);
});

test('a failed run says what to do next', () => {
  expect(
    read(part([started, { type: 'failed', code: 'internal', message: 'it broke', next: 'Ask again.' }], 'parent')),
  ).toContain('it broke\nAsk again.');
});

test('a follow-up says only what changed, and the parent that it recovered', () => {
  const healthy = sampleVerdict({ verdict: 'healthy', flow: 'works', roots: [], consequences: [] });
  const bodies: RunEventBody[] = [
    ...wholeRun,
    { type: 'follow-up', minutes: 1, verdict: sampleVerdict(), changed: null },
    { type: 'follow-up', minutes: 5, verdict: healthy, changed: 'The pod is reachable now.' },
  ];
  expect(rendered(bodies).filter(({ part }) => part.startsWith('follow-up'))).toHaveLength(1);
  expect(read(part(bodies, 'parent'))).toContain('default/mypod is reachable');
});

test('a finding that no longer held at the verdict is told nowhere', () => {
  const verdict = sampleVerdict({ roots: [ipipLost], consequences: [] });
  const told = [started, { type: 'finding', finding: forbidden }, { type: 'verdict', verdict }] as const;
  const state = runState(sampleRun, events(told));
  const texts = [JSON.stringify(rendered(told)), state ? JSON.stringify(evidenceView(state, '')) : ''];
  expect(texts.map((text) => [text.includes(ipipLost.title), text.includes(forbidden.title)])).toEqual([
    [true, false],
    [true, false],
  ]);
});

test('whatever a verdict holds, Slack takes every message of it', () => {
  fc.assert(
    fc.property(anyRun, (states) => {
      for (const { content } of states.flatMap(rendered)) {
        expect(() => checkMessageBlocks(content.blocks.map((block) => ({ ...block })))).not.toThrow();
        expect(content.blocks.length).toBeGreaterThan(0);
        expect(content.blocks.length).toBeLessThanOrEqual(50);
        expect(JSON.stringify(content.blocks).length).toBeLessThanOrEqual(12_100);
        expect(content.text.length).toBeLessThanOrEqual(150);
      }
    }),
    { numRuns: 40 },
  );
});

test.each([
  ['works', 'is reachable from pod:default/client on 8080/tcp. There are other faults.'],
  ['fails', 'is unreachable from pod:default/client on 8080/tcp. The cause was not found.'],
  [
    'unknown',
    'I cannot tell whether default/mypod is reachable from pod:default/client on 8080/tcp. Some checks could not run.',
  ],
] as const)('a fault beside a flow that %s is told as what it is', (flow, words) => {
  const verdict = sampleVerdict({ roots: [], consequences: [], latent: [forbidden], flow });
  expect(read(part([started, { type: 'verdict', verdict }], 'parent'))).toContain(words);
});

test.each([
  ['many words', 'a pod of a node '.repeat(20)],
  ['a few long words', `pod ${'x'.repeat(62)} `.repeat(5)],
])('a confirmation of %s says what is affected, and where the rest is', (_what, blastRadius) => {
  const asked = JSON.stringify(actions(approveButton(samplePlan({ blastRadius }))));
  expect(asked).toMatch(
    /"text":"This changes cluster default now, and affects a? ?pod[^."]+… \(the full plan says more\)\."/,
  );
});

test('a confirmation is one sentence, and says where there is more', () => {
  const asked = JSON.stringify(
    actions(approveButton(samplePlan({ blastRadius: 'one door. Others stay as they are' }))),
  );
  expect(asked).toContain('"This changes cluster default now, and affects one door (the full plan says more)."');
});

test('a short confirmation is whole', () => {
  expect(JSON.stringify(actions(approveButton(samplePlan())))).toContain('now, and affects one door."');
});

const saidElsewhere = (bodies: readonly RunEventBody[]) =>
  toldElsewhere(runState(sampleRun, events(bodies)), '2026-01-01T00:00:00.000Z').text;

test('below a post that repeats an alert stands what the last check of its run said', () => {
  const healthy = sampleVerdict({ verdict: 'healthy', flow: 'works', roots: [], consequences: [], blindSpots: [] });
  const checked = [
    started,
    { type: 'verdict', verdict: healthy },
    { type: 'follow-up', minutes: 5, verdict: sampleVerdict(), changed: null },
  ] as const;
  expect(saidElsewhere(checked)).toMatch(/^ default\/mypod is unreachable/);
  expect(saidElsewhere(checked.slice(0, 1))).toMatch(/^ default\/mypod is being checked\./);
});
