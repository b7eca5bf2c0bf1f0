/** What a person sees of the bot, screen by screen, for the pictures of docs/images and the tests of the screens. */
import { inStormMessage, postNotTaken, toldElsewhere, unmappedMessage } from '../../src/bot/render/alert-message.ts';
import { diagnoseView } from '../../src/bot/render/diagnose-view.ts';
import { evidenceView } from '../../src/bot/render/evidence-view.ts';
import { homeView } from '../../src/bot/render/home-view.ts';
import { nodeView, policyView } from '../../src/bot/render/question-views.ts';
import { planView } from '../../src/bot/render/plan-view.ts';
import { runState } from '../../src/bot/render/run-state.ts';
import { whyMessage } from '../../src/bot/render/why-message.ts';
import type { RunEventBody } from '../../src/model/runs.ts';
import { steps } from '../../src/model/steps.ts';
import type { MessageContent, ScreenView } from '../../src/model/thread.ts';
import { alertScenes } from './alert-scenes.ts';
import { policyDenied } from './policy-scene.ts';
import { firstCase, firstCaseFixed } from '../bot/first-case.ts';
import { at, events, sampleRun, sampleVerdict, settled, silentPod, started } from '../bot/sample-run.ts';

const inconclusive: readonly RunEventBody[] = [
  started,
  ...steps.map(({ id }): RunEventBody => ({
    type: 'step-settled',
    step: id === 'reachability' ? settled(id, 'inconclusive', '0 of 3 test packets were answered') : settled(id),
  })),
  {
    type: 'verdict',
    verdict: sampleVerdict({
      verdict: 'inconclusive',
      flow: 'unknown',
      roots: [],
      consequences: [],
      stop: { ...silentPod, notChecked: silentPod.notChecked.slice(0, 1) },
    }),
  },
];

/** Runs by name, as their events tell them. */
export const threads: Readonly<Record<string, readonly RunEventBody[]>> = {
  thread: firstCase,
  policy: policyDenied,
  unclear: inconclusive,
  fixed: firstCaseFixed,
  ...alertScenes,
};
const state = runState(sampleRun, events(firstCase));
const [plan] = state?.plans ?? [];
if (!state?.verdict || !plan) throw new Error('the first case has no verdict or no plan');
const end = { type: 'verdict', at, verdict: state.verdict } as const;
const thread = 'https://example.slack.com/archives/C0ONCALL/p1767236645000100';
export const home = homeView({
  status: {
    version: '1.2.3',
    queue: { running: 1, waiting: 3 },
    worker: {
      at,
      versions: ['1.2.3'],
      blind: [{ text: 'node-c: ssh refused the key', next: 'Run deploy/node/install on node-c' }],
    },
    running: 0,
    waiting: 2,
    off: null,
    approvers: 2,
    missed: [],
  },
  mine: [{ run: sampleRun, at, target: state.target, requester: 'U0ALICE', end }],
  waiting: state.plans.map(({ record }) => record),
  now: new Date(at),
  links: new Map([[sampleRun, thread]]),
});
export const dialogs: Readonly<Record<string, ScreenView>> = {
  evidence: evidenceView(state, ''),
  review: planView(plan, ''),
  diagnose: diagnoseView({ pod: null, clusters: [] }, ''),
  policies: policyView({ pod: null, clusters: [] }, ''),
  node: nodeView(['prod-eu-1', 'prod-us-1'], ''),
  'diagnose-clusters': diagnoseView({ pod: 'shop/api-5d8-x2', clusters: ['prod-eu-1', 'prod-us-1'] }, ''),
};

const unmapped = (thread: string | null, alert: string, labels: Readonly<Record<string, string>>) => ({
  thread,
  alert,
  why: 'its labels name no pod, workload or Service',
  labels,
});
/** Single messages; those that stand below the post of another app have its text. */
export const answers: Readonly<Record<string, { readonly below: string | null; readonly content: MessageContent }>> = {
  why: { below: null, content: whyMessage(state) },
  unmapped: {
    below: null,
    content: unmappedMessage([
      unmapped(null, 'NodeFilesystemAlmostOutOfSpace', {
        instance: '192.0.2.7:9100',
        job: 'node',
        device: '/dev/sda1',
      }),
      unmapped(null, 'Watchdog', {}),
    ]),
  },
  'unmapped-post': {
    below: '[FIRING:1] PodUnreachable (default mypod critical)',
    content: unmappedMessage([unmapped('1', 'PodUnreachable', { alertname: 'PodUnreachable' })]),
  },
  'in-storm': { below: '[FIRING:1] PodUnreachable', content: inStormMessage(state) },
  'told-elsewhere': { below: '[FIRING:1] PodUnreachable', content: toldElsewhere(state, at, thread) },
  'not-taken': { below: '[FIRING:1] PodUnreachable', content: postNotTaken(new Error('x')) },
};
