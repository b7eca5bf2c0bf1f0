/**
 * Makes the pictures of docs/images: what a person sees of the first case, as a browser draws the page of the
 * workspace. No cluster is needed. The machine needs Chromium, and a font with emoji.
 *
 *     node test/golden/pictures.ts [FOLDER]
 */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { createSlackApp } from '../../src/adapters/slack-app.ts';
import { createSlackClient } from '../../src/adapters/slack-client.ts';
import { createScreens } from '../../src/adapters/slack-screens.ts';
import { inStormMessage, postNotTaken, toldElsewhere, unmappedMessage } from '../../src/bot/render/alert-message.ts';
import { diagnoseView } from '../../src/bot/render/diagnose-view.ts';
import { evidenceView } from '../../src/bot/render/evidence-view.ts';
import { homeView } from '../../src/bot/render/home-view.ts';
import { planView } from '../../src/bot/render/plan-view.ts';
import { runMessages } from '../../src/bot/render/run-messages.ts';
import { runState } from '../../src/bot/render/run-state.ts';
import { whyMessage } from '../../src/bot/render/why-message.ts';
import type { RunEventBody } from '../../src/model/runs.ts';
import type { MessageContent, ScreenView } from '../../src/model/thread.ts';
import { startWorkspace, type Workspace } from '../../tools/slack-workspace/start-workspace.ts';
import { alertScenes } from './alert-scenes.ts';
import { firstCase, firstCaseFixed } from '../bot/first-case.ts';
import { at, events, sampleRun, sampleVerdict, silentPod, started } from '../bot/sample-run.ts';

const folder = resolve(process.argv[2] ?? `${import.meta.dirname}/../../docs/images`);
const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1360, height: 1000 } } as const;

const inconclusive: readonly RunEventBody[] = [
  started,
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

const threads = { thread: firstCase, unclear: inconclusive, fixed: firstCaseFixed, ...alertScenes };
/** Those that the documents show; any other folder gets all. */
const documented: ReadonlySet<string> = new Set([
  'thread',
  'thread-phone',
  'unclear-phone',
  'evidence-phone',
  'review-phone',
  'storm-phone',
  'alert-resolved-phone',
  'diagnose-phone',
]);
const isForDocuments = process.argv[2] === undefined;

const state = runState(sampleRun, events(firstCase));
const [plan] = state?.plans ?? [];
if (!state?.verdict || !plan) throw new Error('the first case has no verdict or no plan');
const end = { type: 'verdict', at, verdict: state.verdict } as const;
const home = homeView({
  status: {
    worker: { at, blind: [{ text: 'node-c: ssh refused the key', next: 'Run deploy/node/install on node-c' }] },
    running: 0,
    waiting: 2,
    off: null,
    approvers: 2,
    missed: [],
  },
  mine: [{ run: sampleRun, at, target: state.target, requester: 'U0ALICE', end }],
  waiting: state.plans.map(({ record }) => record),
  now: new Date(at),
});
const dialogs: Readonly<Record<string, ScreenView>> = {
  evidence: evidenceView(state, ''),
  review: planView(plan, ''),
  diagnose: diagnoseView({ pod: null, clusters: [] }, ''),
  'diagnose-clusters': diagnoseView({ pod: 'shop/api-5d8-x2', clusters: ['prod-eu-1', 'prod-us-1'] }, ''),
};

const unmapped = (thread: string | null, alert: string, labels: Readonly<Record<string, string>>) => ({
  thread,
  alert,
  why: 'its labels name no pod, workload or Service',
  labels,
});
/** Single messages; those that stand below the post of another app have its text. */
const answers: Readonly<Record<string, { readonly below: string | null; readonly content: MessageContent }>> = {
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
  'told-elsewhere': { below: '[FIRING:1] PodUnreachable', content: toldElsewhere(state, at) },
  'not-taken': { below: '[FIRING:1] PodUnreachable', content: postNotTaken(new Error('x')) },
};

/** Posts a run as the notifier would. @returns ts of its parent */
async function post(workspace: Workspace, bodies: readonly RunEventBody[]): Promise<string> {
  const client = createSlackClient({ token: workspace.start.bot_token, apiUrl: workspace.apiUrl });
  let parent = '';
  for (const { content } of runMessages(sampleRun, events(bodies))) {
    const blocks = content.blocks.map((block) => ({ ...block }));
    const thread = parent === '' ? {} : { thread_ts: parent };
    const { ts = '' } = await client.chat.postMessage({ channel: 'C0ONCALL', text: content.text, blocks, ...thread });
    parent ||= ts;
  }
  return parent;
}

/** @returns ts of the message below which the answer stands */
async function postAnswer(workspace: Workspace, name: string): Promise<string> {
  const answer = answers[name];
  if (!answer) throw new Error(`there is no answer ${name}`);
  const { below, content } = answer;
  const parent = workspace.message({ bot: 'Alertmanager', channel: 'C0ONCALL', text: below ?? 'A thread' });
  const client = createSlackClient({ token: workspace.start.bot_token, apiUrl: workspace.apiUrl });
  const blocks = content.blocks.map((block) => ({ ...block }));
  await client.chat.postMessage({ channel: 'C0ONCALL', text: content.text, blocks, thread_ts: parent.ts });
  return parent.ts;
}

const nothing = () => Promise.resolve();

/** An app whose every command opens the dialog that it names. */
async function serveDialogs(workspace: Workspace) {
  const client = createSlackClient({ token: workspace.start.bot_token, apiUrl: workspace.apiUrl });
  const screens = createScreens({ client });
  await screens.publish('U0ALICE', home);
  const app = createSlackApp({
    token: () => workspace.start.bot_token,
    apiUrl: workspace.apiUrl,
    mode: { kind: 'socket', appToken: () => workspace.start.app_token },
    handlers: {
      async command({ text, trigger }) {
        const view = dialogs[text];
        if (view) await screens.open(trigger, view);
        return null;
      },
      click: nothing,
      submit: () => Promise.resolve(null),
      suggest: () => Promise.resolve({ options: [] }),
      shortcut: nothing,
      hear: nothing,
      posted: nothing,
      home: nothing,
    },
    log: () => undefined,
    onRefused: () => undefined,
  });
  await app.start();
  return app;
}

async function picture(
  page: Page,
  address: string,
  ready: string,
  file: string,
  act: (page: Page) => Promise<void> = nothing,
): Promise<void> {
  if (isForDocuments && !documented.has(file)) return;
  await page.goto('about:blank');
  await page.goto(address);
  await page.locator(ready).first().waitFor({ state: 'attached', timeout: 60_000 });
  // As one who has just opened it: the verdict first.
  await page.evaluate(`for (const part of document.querySelectorAll('*')) if (part.scrollTop > 0) part.scrollTop = 0`);
  await act(page);
  await page.screenshot({ path: `${folder}/${file}.png` });
}

mkdirSync(folder, { recursive: true });
const workspace = await startWorkspace();
const app = await serveDialogs(workspace);
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  const place = `${workspace.url}/#user=U0ALICE&channel=C0ONCALL`;
  const pages = await Promise.all(
    Object.entries(sizes).map(async ([size, viewport]) => ({
      end: size === 'desktop' ? '' : `-${size}`,
      page: await browser.newPage({ viewport }),
    })),
  );
  const pictures = async (address: string, ready: string, what: string, act?: (page: Page) => Promise<void>) => {
    for (const { page, end } of pages) await picture(page, address, ready, `${what}${end}`, act);
  };
  for (const [what, bodies] of Object.entries(threads))
    await pictures(`${place}&thread=${await post(workspace, bodies)}`, '#thread .message', what);
  for (const what of Object.keys(answers))
    await pictures(`${place}&thread=${await postAnswer(workspace, what)}`, '#thread .message', what);
  const asked = await post(workspace, firstCase);
  for (const what of ['Approve', 'Reject'])
    await pictures(`${place}&thread=${asked}`, '#thread .message', `confirm-${what.toLowerCase()}`, async (page) =>
      page.locator('#thread').getByRole('button', { name: what, exact: true }).first().click(),
    );
  await pictures(`${workspace.url}/#user=U0ALICE&channel=home`, '.home', 'home');
  for (const what of Object.keys(dialogs)) {
    await workspace.command({ user: 'alice', channel: 'oncall', text: `/calico ${what}` });
    await pictures(place, 'dialog.modal', what);
    for (const view of workspace.views('alice')) await workspace.close({ user: 'alice', view_id: view.id });
  }
} finally {
  await browser.close();
  await app.stop();
  await workspace.stop();
}
