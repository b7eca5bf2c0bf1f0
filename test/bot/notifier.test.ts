import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createClock } from '../../src/adapters/clock.ts';
import { createRunStore } from '../../src/adapters/run-store.ts';
import { createSlackClient } from '../../src/adapters/slack-client.ts';
import { createSlackThread } from '../../src/adapters/slack-thread.ts';
import { createNotifier } from '../../src/bot/notifier.ts';
import type { RunEventBody, RunStore } from '../../src/model/runs.ts';
import type { Target } from '../../src/model/target.ts';
import { startTestRedis } from '../support/redis.ts';
import { testSeals } from '../support/signing.ts';
import { linesOf, type ChannelMessage } from '../../tools/slack-workspace/client.ts';
import { startWorkspace, type Workspace } from '../../tools/slack-workspace/start-workspace.ts';
import { at, events, planRecord, sampleRun, sampleVerdict, settled, started, target, wholeRun } from './sample-run.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let workspace: Workspace;
let store: RunStore;
let number = 0;
const warnings: string[] = [];
const never = new AbortController().signal;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(async () => {
  await redis.stop();
});
beforeEach(async () => {
  workspace = await startWorkspace();
  store = createRunStore({
    address: redis.address,
    onError: (error) => warnings.push(error.message),
    prefix: `test-${(number += 1)}`,
  });
  warnings.length = 0;
});
afterEach(async () => {
  await store.close();
  await workspace.stop();
});

/** A notifier as one worker process has it. */
function worker(clock = createClock(), token: string | (() => string) = workspace.start.bot_token) {
  const client = createSlackClient({ token, apiUrl: workspace.apiUrl });
  return createNotifier({
    store,
    seals: testSeals,
    clock,
    thread: createSlackThread({ client, clock }),
    warn: (what, error) => warnings.push(`${what}: ${String(error)}`),
  });
}

async function tellAll(bodies: readonly RunEventBody[], run = sampleRun): Promise<void> {
  for (const event of events(bodies)) await store.append(run, event);
}

const texts = () =>
  workspace.messages({ channel: 'oncall' }).map((message) => linesOf(message as unknown as ChannelMessage).join('\n'));
const blocks = () => workspace.messages({ channel: 'oncall' }).map((message) => JSON.stringify(message['blocks']));
const keys = () =>
  workspace
    .messages({ channel: 'oncall' })
    .map((message) => JSON.stringify(message['metadata']).replace(/.*\/([a-z-]+)[^"]*".*/, '$1'));

/** The message of the steps begins with it. */
const firstStep = { type: 'step-settled', step: settled('endpoint') } as const;

test('a run becomes one parent, a thread of steps and fixes, each edited in place', async () => {
  const notify = worker();
  await tellAll(wholeRun.slice(0, 3));
  await notify(sampleRun, never);
  const before = workspace.messages({ channel: 'oncall' });
  expect(keys()).toEqual(['parent', 'steps']);
  expect(texts()[0]).toContain('Checking');
  expect(before.slice(1).every((message) => message['thread_ts'] === before[0]?.['ts'])).toBe(true);

  await tellAll(wholeRun.slice(3));
  await notify(sampleRun, never);
  const after = workspace.messages({ channel: 'oncall' });
  expect(keys()).toEqual(['parent', 'steps', 'plan', 'plan']);
  expect(after.slice(0, 2).map((message) => message['ts'])).toEqual(before.map((message) => message['ts']));
  expect(texts()[0]).toContain('2 causes');
  expect(texts()[0]).toContain('IPIP packets from node-b do not reach node-a');
  expect(blocks()[0]).toContain('review_fix');
  expect(blocks()[2]).toContain('approve_fix');
  expect(warnings).toEqual([]);
});

test.each(['the first message', 'an edit'])('while Slack does not accept the token, %s waits', async (which) => {
  const { bot_token: right } = workspace.start;
  let token = right;
  let slept = 0;
  const clock = {
    now: () => new Date(Date.parse(at) + slept),
    sleep: async (milliseconds: number) => void (slept += milliseconds),
  };
  const notify = worker(clock, () => token);
  await tellAll(wholeRun.slice(0, 3));
  if (which === 'an edit') await notify(sampleRun, never);
  token = 'xoxb-revoked';
  await tellAll(wholeRun.slice(3));
  for (let turn = 0; turn < 3; turn += 1) {
    await expect(notify(sampleRun, never)).rejects.toMatchObject({ trouble: 'locked-out' });
    if (turn > 0) slept += 5000;
  }
  token = right;
  await notify(sampleRun, never);
  expect(keys()).toEqual(['parent', 'steps', 'plan', 'plan']);
  expect(texts()[0]).toContain('2 causes');
  expect(warnings).toEqual([expect.stringMatching(/^Slack does not accept SLACK_BOT_TOKEN: .*invalid_auth/)]);
});

test('a verdict does not wait behind the pause between two edits of a step', async () => {
  let slept = 0;
  let seenAfter: number | null = null;
  const began = Date.now();
  const notify = worker({
    now: () => new Date(began + slept),
    sleep: async (milliseconds) => {
      if (slept === 0) await tellAll([{ type: 'verdict', verdict: sampleVerdict() }]);
      if (texts()[0]?.includes('2 causes')) seenAfter ??= slept;
      slept += milliseconds;
    },
  });
  await tellAll(wholeRun.slice(0, 2));
  await notify(sampleRun, never);
  for (const step of ['routes', 'filter'] as const) {
    await tellAll([{ type: 'step-settled', step: settled(step) }]);
    await notify(sampleRun, never);
  }
  expect(slept).toBeGreaterThanOrEqual(1000);
  expect(seenAfter).toBeLessThan(500);
});

test('the first finding does not wait for the pause behind a post or an edit', async () => {
  let slept = 0;
  const began = new Date();
  const notify = worker({ now: () => began, sleep: async (milliseconds) => void (slept += milliseconds) });
  await tellAll(wholeRun.slice(0, 2));
  await notify(sampleRun, never);
  await tellAll(wholeRun.filter(({ type }) => type === 'finding').slice(0, 1));
  await notify(sampleRun, never);
  expect(slept).toBe(0);
  expect(texts()[0]).toContain('Found so far:');
});

test('looking again changes nothing', async () => {
  const notify = worker();
  await tellAll(wholeRun);
  await notify(sampleRun, never);
  const before = JSON.stringify(workspace.messages({ channel: 'oncall' }));
  await notify(sampleRun, never);
  await worker()(sampleRun, never);
  expect(JSON.stringify(workspace.messages({ channel: 'oncall' }))).toBe(before);
});

test('an answer that is lost duplicates nothing: the message is found by its metadata', async () => {
  await tellAll([started, firstStep]);
  workspace.fault({ method: 'chat.postMessage', kind: 'drop-answer', times: 2 });
  await worker()(sampleRun, never);
  expect(keys()).toEqual(['parent', 'steps']);
  await tellAll([{ type: 'step-settled', step: settled('target') }]);
  workspace.fault({ method: 'chat.update', kind: 'drop-answer', times: 1 });
  await worker()(sampleRun, never);
  expect(keys()).toEqual(['parent', 'steps']);
  expect(texts()[1]).toContain('as it should be');
});

test('a post that never happened is posted', async () => {
  await tellAll([started, firstStep]);
  workspace.fault({ method: 'chat.postMessage', kind: '500', times: 2 });
  workspace.fault({ method: 'chat.postMessage', kind: 'disconnect', times: 1 });
  await worker()(sampleRun, never);
  expect(keys()).toEqual(['parent', 'steps']);
});

test('two workers at once post each message once', async () => {
  await tellAll(wholeRun);
  const results = await Promise.allSettled([worker()(sampleRun, never), worker()(sampleRun, never)]);
  // One may be told to come back later, as its queue does.
  if (results.some(({ status }) => status === 'rejected')) await worker()(sampleRun, never);
  expect(keys()).toEqual(['parent', 'steps', 'plan', 'plan']);
});

test('a worker that died after posting leaves a message that the next one finds', async () => {
  await tellAll([started, firstStep]);
  await worker()(sampleRun, never);
  await store.forget(`told.${sampleRun}.parent`);
  await store.forget(`told.${sampleRun}.steps`);
  await worker()(sampleRun, never);
  expect(keys()).toEqual(['parent', 'steps']);
});

test('a rate limit delays, and loses nothing', async () => {
  await tellAll([started, firstStep]);
  workspace.fault({ method: 'chat.postMessage', kind: '429', retry_after: 1 });
  const begun = Date.now();
  await worker()(sampleRun, never);
  expect(Date.now() - begun).toBeGreaterThanOrEqual(950);
  expect(keys()).toEqual(['parent', 'steps']);
});

test('what became of a fix is told in its own card', async () => {
  const notify = worker();
  await tellAll(wholeRun);
  await notify(sampleRun, never);
  await tellAll([
    {
      type: 'plan',
      record: planRecord('create-pod-profile', 'verified', { approver: 'U0BOB' }),
      note: 'Verified; the asked flow does not work yet.',
    },
  ]);
  await notify(sampleRun, never);
  expect(keys()).toEqual(['parent', 'steps', 'plan', 'plan', 'outcome']);
  expect(texts().at(-1)).toMatch(/^@U0ALICE @U0BOB :white_check_mark: Fixed and verified/);
  const card = texts().at(-2) ?? '';
  expect(card).toContain('Fixed and verified');
  expect(card).toContain('@U0BOB');
  expect(card).toContain('does not work yet');
  expect(blocks().at(-2)).not.toContain('approve_fix');
  expect(texts()[0]).toContain(':white_check_mark: verified');
});

test('a re-check is told in the thread that it came from', async () => {
  const notify = worker();
  await tellAll(wholeRun);
  await notify(sampleRun, never);
  const parent = workspace.messages({ channel: 'oncall' })[0]?.['ts'];
  await tellAll(
    [
      {
        ...started,
        origin: { kind: 'recheck', channel: 'C0ONCALL', thread: String(parent), joins: sampleRun },
      } as RunEventBody,
    ],
    'r-again',
  );
  await notify('r-again', never);
  const again = workspace.messages({ channel: 'oncall' }).slice(-2);
  expect(again.map((message) => message['thread_ts'])).toEqual([parent, parent]);

  await tellAll(
    [
      {
        type: 'verdict',
        verdict: sampleVerdict({ run: 'r-again', verdict: 'healthy', flow: 'works', roots: [], consequences: [] }),
      },
    ],
    'r-again',
  );
  await notify('r-again', never);
  expect(texts()[0]).toContain('default/mypod is reachable');
  expect(texts().at(-2)).toContain('is reachable from');
});

test.each<[string, Partial<Target>]>([
  ['from another node', { from: { kind: 'node', name: 'worker-9' } }],
  ['on another port', { port: { protocol: 'tcp', number: 8443 } }],
])('what works %s takes neither the fault nor its fixes away', async (_, change) => {
  await tellAll(wholeRun);
  await worker()(sampleRun, never);
  const [before] = texts();
  const origin = { kind: 'recheck', channel: 'C0ONCALL', thread: '1.000001', joins: sampleRun };
  const elsewhere = { ...started, target: { ...target, ...change }, origin } as RunEventBody;
  await tellAll([elsewhere, { type: 'verdict', verdict: sampleVerdict({ verdict: 'healthy', roots: [] }) }], 'r-other');
  await worker()('r-other', never);
  expect(texts()[0]).toBe(before);
});

test('an alert of a channel named by name begins a thread there, also when its answer is lost', async () => {
  workspace.fault({ method: 'chat.postMessage', kind: 'drop-answer', times: 1 });
  await tellAll([
    { ...started, origin: { kind: 'alert', channel: 'oncall', thread: null, joins: null } } as RunEventBody,
    {
      type: 'alert',
      status: 'firing',
      alert: {
        fingerprint: 'f',
        name: 'PodUnreachable',
        summary: 'down',
        startsAt: at,
        severity: null,
        runbook: null,
        graph: null,
      },
    },
    firstStep,
  ]);
  await worker()(sampleRun, never);
  expect(keys()).toEqual(['parent', 'steps']);
  expect(texts()[0]).toContain('PodUnreachable');
});

test('a run of the command line is told nowhere', async () => {
  await tellAll([{ ...started, origin: { kind: 'cli', channel: null, thread: null, joins: null } } as RunEventBody]);
  await worker()(sampleRun, never);
  expect(workspace.messages({ channel: 'oncall' })).toEqual([]);
});
