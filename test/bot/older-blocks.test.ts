/** A workspace that refuses rich text: the thread is told in the oldest blocks, and its buttons stay. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createClock } from '../../src/adapters/clock.ts';
import { createRunStore } from '../../src/adapters/run-store.ts';
import { createSlackClient } from '../../src/adapters/slack-client.ts';
import { createSlackThread } from '../../src/adapters/slack-thread.ts';
import { createNotifier } from '../../src/bot/notifier.ts';
import { plainBlocks } from '../../src/bot/render/plain-blocks.ts';
import { runMessages } from '../../src/bot/render/run-messages.ts';
import type { RunEventBody, RunStore } from '../../src/model/runs.ts';
import { checkMessageBlocks } from '../../tools/slack-workspace/block-kit/check-blocks.ts';
import { startWorkspace, type Workspace } from '../../tools/slack-workspace/start-workspace.ts';
import { startTestRedis } from '../support/redis.ts';
import { testSeals } from '../support/signing.ts';
import { events, planRecord, sampleRun, wholeRun } from './sample-run.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let workspace: Workspace;
let store: RunStore;
const warnings: string[] = [];
const warn = (what: string) => void warnings.push(what);
const isText = (value: unknown) => (value as { type?: unknown } | null)?.type === 'plain_text';

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  warnings.length = 0;
  const onError = (error: Error) => void warnings.push(error.message);
  store = createRunStore({ address: redis.address, onError });
});
afterEach(async () => {
  await store.close();
  await workspace.stop();
});

async function told(...bodies: readonly RunEventBody[]): Promise<void> {
  for (const event of events(bodies)) await store.append(sampleRun, event);
  const client = createSlackClient({ token: workspace.start.bot_token, apiUrl: workspace.apiUrl });
  const clock = createClock();
  const thread = createSlackThread({ client, clock });
  await createNotifier({ store, seals: testSeals, clock, thread, warn })(sampleRun, new AbortController().signal);
}
const shown = () => workspace.messages({ channel: 'oncall' }).map(({ blocks }) => JSON.stringify(blocks));

test('where Slack refuses rich text, posts and edits arrive as plain blocks, with their buttons', async () => {
  workspace = await startWorkspace({ lacksBlocks: ['rich_text'] });
  await told(...wholeRun);
  expect(shown()).toHaveLength(4);
  expect(shown().join()).not.toContain('rich_text');
  expect(shown()[0]).toContain('IPIP packets from node-b do not reach node-a');
  expect(shown()[2]).toContain('approve_fix');
  expect(warnings[0]).toMatch(/^the message r-.*\/parent was refused/);

  const record = planRecord('create-pod-profile', 'verified', { approver: 'U0BOB' });
  await told({ type: 'plan', record, note: 'The door is painted.' });
  expect(shown()[3]).toContain('The door is painted.');
  expect(shown()[3]).not.toContain('approve_fix');
  // Whom the outcome calls is a reference, so that their phones ring.
  expect(shown()[4]).toContain('<@U0BOB>');
});

test('every message of a run is one that Slack takes in the oldest blocks, and what others wrote stays text', async () => {
  workspace = await startWorkspace();
  const hostile = planRecord('create-pod-profile');
  const plan = { ...hostile.plan, title: '<!channel> *x* '.repeat(300), diff: '<@U0ALICE>\n'.repeat(600) };
  const bodies = [...wholeRun, { type: 'plan', record: { ...hostile, plan }, note: '<!here>' } as const];
  for (const { content } of runMessages(sampleRun, events(bodies))) {
    const { blocks } = plainBlocks(content);
    expect(() => checkMessageBlocks(blocks)).not.toThrow();
    expect(blocks.map(({ type }) => type)).not.toContain('rich_text');
    const markup = JSON.stringify(blocks, (_, value: unknown) => (isText(value) ? null : value));
    expect(markup).not.toMatch(/<!(channel|here)>/);
  }
});
