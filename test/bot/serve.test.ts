import { Redis } from 'ioredis';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import { createJobQueues } from '../../src/adapters/queue.ts';
import { startJobWorkers } from '../../src/adapters/queue-workers.ts';
import { redisOptions } from '../../src/adapters/redis-connection.ts';
import { createRunStore } from '../../src/adapters/run-store.ts';
import { createSlackClient } from '../../src/adapters/slack-client.ts';
import { serve, type Served } from '../../src/compose-serve.ts';
import { loadConfig } from '../../src/config.ts';
import type { Log } from '../../src/adapters/log.ts';
import { createMessageBook } from '../../src/bot/message-book.ts';
import { signedApproval } from '../../src/model/stored.ts';
import type { AuditRecord } from '../../src/model/audit.ts';
import type { PlanRecord } from '../../src/model/fix.ts';
import type { JobWorkers, QueueName } from '../../src/model/jobs.ts';
import type { RunEventOf, RunStore } from '../../src/model/runs.ts';
import { startTestRedis } from '../support/redis.ts';
import { testSeals } from '../support/signing.ts';
import { linesOf, type ChannelMessage } from '../../tools/slack-workspace/client.ts';
import { startWorkspace, type Workspace, type WorkspaceOptions } from '../../tools/slack-workspace/start-workspace.ts';
import { at, planRecord, sampleRun, started } from './sample-run.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let workspace: Workspace;
let bot: Served;
let store: RunStore;
let workers: JobWorkers | null = null;
const logged: string[] = [];
const audited: AuditRecord[] = [];
let stateDir: string;
const log: Log = {
  info: () => undefined,
  audit: (record) => audited.push(record),
  warn: (what, error) => logged.push(`${what}: ${String(error)}`),
  error: (what, error) => logged.push(`${what}: ${String(error)}`),
};

beforeAll(async () => {
  redis = await startTestRedis();
  stateDir = await mkdtemp(join(tmpdir(), 'cc-serve-'));
  await writeFile(join(stateDir, 'key'), Buffer.alloc(32, 7), { mode: 0o600 });
});
afterAll(async () => {
  await redis.stop();
  await rm(stateDir, { recursive: true, force: true });
});

const alertToken = 'a-token-of-alertmanager';

async function up(
  mode: 'socket' | 'http',
  options: { readonly approvers?: string; readonly redis?: string; readonly diagnosesPerMinute?: string } = {},
): Promise<void> {
  logged.length = 0;
  const listen = mode === 'http' ? await freePort() : 0;
  const workspaceOptions: WorkspaceOptions =
    mode === 'http' ? { override: { request_url: `http://127.0.0.1:${listen}/slack/events` } } : {};
  workspace = await startWorkspace(workspaceOptions);
  const { bot_token: token, app_token: appToken, signing_secret: secret } = workspace.start;
  const config = loadConfig(
    {
      SLACK_BOT_TOKEN: token,
      SLACK_SIGNING_SECRET: secret,
      SLACK_API_URL: workspace.apiUrl,
      REDIS_URL: options.redis ?? redis.address,
      STATE_DIR: stateDir,
      APPROVAL_KEY_FILE: join(stateDir, 'key'),
      APPROVERS: options.approvers ?? 'U0ALICE,@platform',
      ALERT_TOKEN: alertToken,
      ALERT_CHANNELS: '#oncall',
      LISTEN: `127.0.0.1:${listen}`,
      ...(options.diagnosesPerMinute ? { DIAGNOSES_PER_MINUTE: options.diagnosesPerMinute } : {}),
      ...(mode === 'socket' ? { SLACK_APP_TOKEN: appToken } : {}),
    },
    ['slack'],
  );
  bot = await serve({
    config,
    role: 'bot',
    log,
    environment: {},
    onFailure: (error) => void logged.push(error.message),
  });
  store = createRunStore({ address: redis.address, onError: () => undefined });
}

afterEach(async () => {
  await workers?.stop(1000);
  workers = null;
  await bot.stop();
  await store.close();
  await workspace.stop();
});

/** Takes jobs off the queues, as a worker would, and keeps what those carry that ask for something. */
function jobsOf(): { readonly taken: { readonly queue: QueueName; readonly data: unknown }[] } {
  const taken: { queue: QueueName; data: unknown }[] = [];
  const handler = (queue: QueueName) => ({
    concurrency: 1,
    background: 1,
    startOnce: false,
    run: async (data: unknown) => void taken.push({ queue, data }),
  });
  workers = startJobWorkers(
    {
      diagnose: handler('diagnose'),
      fix: handler('fix'),
      notify: { concurrency: 1, startOnce: false, run: async () => undefined },
    },
    { address: redis.address, onError: () => undefined },
  );
  return { taken };
}

const whispers = (user: string) =>
  workspace
    .messages({ channel: 'oncall', user })
    .filter((message) => message['is_ephemeral'])
    .map((message) => linesOf(message as unknown as ChannelMessage).join('\n'));

function button(action_id: string, value: string) {
  return { type: 'button' as const, action_id, value, text: { type: 'plain_text' as const, text: action_id } };
}

/** A message with the buttons of a stored plan and run, as the notifier would have posted it. */
async function postButtons(
  plan: string,
  change: Partial<PlanRecord> = {},
  told: { readonly channel?: string; readonly ts?: string } = {},
): Promise<string> {
  await store.append(sampleRun, { at, ...started });
  const record = planRecord(plan);
  await store.savePlan({ ...record, state: 'proposed', ...change });
  const { ts } = await createSlackClient({
    token: workspace.start.bot_token,
    apiUrl: workspace.apiUrl,
  }).chat.postMessage({
    channel: 'C0ONCALL',
    text: 'card',
    blocks: [
      {
        type: 'actions',
        elements: [
          button('approve_fix', record.plan.id),
          button('reject_fix', record.plan.id),
          button('rollback_fix', record.plan.id),
          button('recheck', sampleRun),
        ],
      },
    ],
  });
  await createMessageBook(store).remember(sampleRun, 'parent', {
    channel: 'C0ONCALL',
    ts: ts ?? '',
    thread: null,
    content: '',
    ...told,
  });
  return ts ?? '';
}

describe.each(['socket', 'http'] as const)('over %s', (mode) => {
  test('a command is acknowledged at once, and asks for one diagnosis', async () => {
    await up(mode);
    const { taken } = jobsOf();
    const outcome = await workspace.command({
      user: 'carol',
      channel: 'oncall',
      text: '/calico diagnose default/mypod from default/client port 8080/tcp',
    });
    expect(outcome).toMatchObject({ acked: true });
    expect(whispers('carol')).toEqual([expect.stringContaining('Checking default/mypod')]);
    await settles(() => taken.length > 0);
    expect(taken).toEqual([
      {
        queue: 'diagnose',
        data: expect.objectContaining({
          kind: 'diagnosis',
          requester: 'U0CAROL',
          alert: null,
          target: {
            cluster: 'default',
            namespace: 'default',
            pod: 'mypod',
            from: { kind: 'pod', namespace: 'default', name: 'client' },
            port: { protocol: 'tcp', number: 8080 },
          },
          origin: { kind: 'command', channel: 'C0ONCALL', thread: null, joins: null },
        }),
      },
    ]);
  });

  test('an approver approves once; the second click says who was first', async () => {
    await up(mode);
    const { taken } = jobsOf();
    const id = `${mode}-approve-${Date.now()}`;
    const ts = await postButtons(id);
    await workspace.click({ user: 'bob', channel: 'oncall', ts, action_id: 'approve_fix' });
    await settles(() => taken.some(({ queue }) => queue === 'fix'));
    expect(await store.plan(`p-${id}`)).toMatchObject({ state: 'approved', approver: 'U0BOB' });
    expect(taken.filter(({ queue }) => queue === 'fix')).toEqual([
      { queue: 'fix', data: { plan: `p-${id}`, action: 'apply' } },
    ]);
    const { approval } = (await store.plan(`p-${id}`)) ?? {};
    expect(approval?.approval).toMatchObject({
      action: 'apply',
      approver: 'U0BOB',
      via: { kind: 'slack', channel: 'C0ONCALL', thread: ts, message: ts, click: expect.any(String) },
    });
    expect(testSeals.check('approval', approval?.approval, approval?.seal ?? null)).toBe('holds');
    expect(audited.map(({ record }) => [record['what'], record['plan']])).toContainEqual(['plan approved', `p-${id}`]);
    await workspace.click({ user: 'alice', channel: 'oncall', ts, action_id: 'reject_fix' });
    await settles(() => whispers('alice').length > 0);
    expect(whispers('alice')).toEqual(['Already decided: approved (approved by @U0BOB).']);
  });

  test('somebody else is refused privately, with the reason', async () => {
    await up(mode);
    const ts = await postButtons(`${mode}-refused`);
    await workspace.click({ user: 'carol', channel: 'oncall', ts, action_id: 'approve_fix' });
    await settles(() => whispers('carol').length > 0);
    expect(whispers('carol')).toEqual([
      ':lock: You cannot decide about this fix: only @U0ALICE, @platform may decide about fixes.',
    ]);
    expect(whispers('alice')).toEqual([]);
    expect((await store.plan(`p-${mode}-refused`))?.state).toBe('proposed');
  });
});

/** A run of alice, with a message that holds its button. @returns the ts of the message */
async function running(run: string): Promise<string> {
  await store.append(run, { at, ...started });
  const { ts } = await createSlackClient({
    token: workspace.start.bot_token,
    apiUrl: workspace.apiUrl,
  }).chat.postMessage({
    channel: 'C0ONCALL',
    text: 'card',
    blocks: [{ type: 'actions', elements: [button('cancel_run', run)] }],
  });
  return ts ?? '';
}
const cancelledBy = async (run: string) =>
  (await store.events(run)).flatMap((event) => (event.type === 'cancelled' ? [event.by] : []));
const clickCancel = (user: string, ts: string) =>
  workspace.click({ user, channel: 'oncall', ts, action_id: 'cancel_run' });

describe('cancelling', () => {
  test.each([
    ['the requester', 'alice', 'U0CAROL'],
    ['an approver', 'bob', 'U0ALICE,U0BOB'],
  ])('%s may, and the run says who it was', async (_who, user, approvers) => {
    await up('socket', { approvers });
    const run = `r-cancel-${user}`;
    await clickCancel(user, await running(run));
    await settles(async () => (await cancelledBy(run)).length > 0);
    expect(await cancelledBy(run)).toEqual([`U0${user.toUpperCase()}`]);
    expect(await store.recall(`cancel.${run}`)).toBe(`U0${user.toUpperCase()}`);
  });

  test('somebody else may not, by button or by command', async () => {
    await up('socket');
    const ts = await running('r-cancel-carol');
    await clickCancel('carol', ts);
    await settles(() => whispers('carol').length > 0);
    await workspace.command({ user: 'carol', channel: 'oncall', text: '/calico cancel r-cancel-carol' });
    expect(whispers('carol')).toEqual(
      [1, 2].map(() =>
        expect.stringContaining('Not cancelled: only the person who asked for it and approvers may cancel it'),
      ),
    );
    expect(await cancelledBy('r-cancel-carol')).toEqual([]);
  });

  test('by command, the run that the person asked for last', async () => {
    await up('socket');
    const { taken } = jobsOf();
    await store.forget('last-run.U0CAROL');
    await workspace.command({ user: 'carol', channel: 'oncall', text: '/calico cancel' });
    expect(whispers('carol').at(-1)).toBe('You asked for no diagnosis within the last day.');
    await workspace.command({ user: 'carol', channel: 'oncall', text: '/calico diagnose default/mypod' });
    await settles(() => taken.length > 0);
    const { run } = taken[0]!.data as { run: string };
    await workspace.command({ user: 'carol', channel: 'oncall', text: '/calico cancel' });
    expect(whispers('carol').at(-1)).toContain(`I know no run ${run} that has started`);
    await store.append(run, { ...(started as RunEventOf<'started'>), at, requester: 'U0CAROL' });
    await workspace.command({ user: 'carol', channel: 'oncall', text: '/calico cancel' });
    expect(whispers('carol').at(-1)).toBe(`Cancelled ${run}.`);
    expect(await cancelledBy(run)).toEqual(['U0CAROL']);
    await workspace.command({ user: 'carol', channel: 'oncall', text: '/calico cancel' });
    expect(whispers('carol').at(-1)).toBe(`The run ${run} has ended already.`);
  });
});

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

test('a plan that was changed after it was made is not approved', async () => {
  await up('socket');
  const { plan } = planRecord('changed');
  const ts = await postButtons('changed', { plan: { ...plan, blastRadius: 'everything' } });
  await workspace.click({ user: 'alice', channel: 'oncall', ts, action_id: 'approve_fix' });
  await settles(() => whispers('alice').length > 0);
  expect(whispers('alice')).toEqual([':lock: Not done: the plan was changed after it was signed.']);
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

test.each([
  ['no pod', 'default/', '"default/" is not NAMESPACE/POD'],
  ['a path', '../../etc', 'is not NAMESPACE/POD'],
  ['a shell command', 'default/mypod; reboot', 'is not a valid pod name'],
  ['3,000 characters', `default/${'x'.repeat(3000)}`, 'at most 1000 are allowed'],
  ['an unknown flag', 'default/mypod --frm x', 'did you mean "from"?'],
])('bad input (%s) is answered in one line, and nothing runs', async (_, text, problem) => {
  await up('socket');
  const queues = createJobQueues({ address: redis.address, onError: () => undefined });
  const before = await queues.counts();
  await workspace.command({ user: 'carol', channel: 'oncall', text: `/calico diagnose ${text}` });
  const [answer] = whispers('carol');
  expect(answer).toContain(problem);
  expect(answer?.split('\n')).toHaveLength(1);
  expect(await queues.counts()).toEqual(before);
  await queues.close();
});

test('a person who asks too often is told so privately, whichever way they ask; others are not held up', async () => {
  await up('socket', { diagnosesPerMinute: '2' });
  const { taken } = jobsOf();
  const ts = await postButtons('limit');
  const ask = (user: string) => workspace.command({ user, channel: 'oncall', text: '/calico diagnose default/mypod' });
  await ask('bob');
  await ask('bob');
  await ask('bob');
  expect(whispers('bob').at(-1)).toMatch(
    /^:hourglass: Not started: you can ask for 2 diagnoses a minute\. Retry in (?:30|29) s\.$/,
  );
  await workspace.click({ user: 'bob', channel: 'oncall', ts, action_id: 'recheck' });
  await settles(() => whispers('bob').length === 4);
  expect(whispers('bob').at(-1)).toContain('Not started');
  await ask('alice');
  await settles(() => taken.length === 3);
  expect(taken.map(({ data }) => (data as { requester: string }).requester)).toEqual(['U0BOB', 'U0BOB', 'U0ALICE']);
  expect(whispers('alice').at(-1)).toContain('Checking');
});

test('a connection that Slack renews, or that breaks, is made anew', async () => {
  await up('socket');
  for (const abrupt of [false, true]) {
    workspace.fault({ method: 'socket', kind: 'disconnect', abrupt });
    await settles(
      async () =>
        (await workspace.command({ user: 'carol', channel: 'oncall', text: '/calico help' })).acked &&
        workspace.connections() === 2,
    );
  }
});

test('an unknown command is answered with what was meant', async () => {
  await up('socket');
  await workspace.command({ user: 'carol', channel: 'oncall', text: '/calico diagnos default/mypod' });
  expect(whispers('carol')).toEqual(['There is no command "diagnos". Did you mean: /calico diagnose default/mypod']);
});

test('with Redis away the command is still answered in time, and says so', async () => {
  await up('socket', { redis: 'redis://127.0.0.1:1' });
  const outcome = await workspace.command({ user: 'carol', channel: 'oncall', text: '/calico diagnose default/mypod' });
  expect(outcome).toMatchObject({ acked: true });
  expect(outcome.ms).toBeLessThan(2900);
  expect(whispers('carol')[0]).toMatch(
    /^:warning: Not started: (?:Redis|the job queue) does not answer\. Try again in a minute\.$/,
  );
}, 20_000);

test('alerts need the token, and a payload of Alertmanager', async () => {
  await up('socket');
  const { taken } = jobsOf();
  const post = async (headers: Record<string, string>, body: string, path = '/alertmanager?channel=oncall') =>
    (await fetch(`http://127.0.0.1:${bot.port}${path}`, { method: 'POST', headers, body })).status;
  const alert = {
    status: 'firing',
    labels: { alertname: 'PodUnreachable', namespace: 'default', pod: 'mypod' },
    annotations: { summary: 'down' },
    startsAt: at,
    fingerprint: `f${Date.now()}`,
  };
  const payload = JSON.stringify({ version: '4', groupKey: 'g', alerts: [alert] });
  const right = { authorization: `Bearer ${alertToken}` };
  expect(await post({}, payload)).toBe(401);
  expect(await post({ authorization: 'Bearer wrong' }, payload)).toBe(401);
  expect(await post(right, '{}')).toBe(400);
  expect(await post(right, 'x'.repeat(3 * 1024 * 1024))).toBe(413);
  expect(await post(right, payload, '/alertmanager')).toBe(400);
  expect(await post(right, payload, '/alertmanager?channel=general')).toBe(400);
  expect(taken).toEqual([]);
  expect(await post(right, payload)).toBe(200);
  expect(await post(right, payload)).toBe(200);
  await settles(() => taken.length > 0);
  expect(taken).toEqual([
    {
      queue: 'diagnose',
      data: expect.objectContaining({ origin: { kind: 'alert', channel: 'oncall', thread: null, joins: null } }),
    },
  ]);
  expect((await fetch(`http://127.0.0.1:${bot.port}/healthz`)).status).toBe(200);
});

test('a broken audit chain is an error in the log at the start, and the bot serves', async () => {
  const attacker = new Redis(redisOptions(redis.address));
  try {
    await attacker.lpop('calico-chatops:audit-chain');
    await up('socket');
    await settles(() => logged.some((line) => line.includes('the audit chain is broken: record 1: it is missing')));
    expect(await workspace.command({ user: 'carol', channel: 'oncall', text: '/calico help' })).toMatchObject({
      acked: true,
    });
  } finally {
    attacker.disconnect();
  }
});

/** Looks until it is so: what happens is in another connection, which tells nobody. */
async function settles(look: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 8000;
  while (!(await look())) {
    if (Date.now() > deadline) throw new Error(`it did not happen; logged: ${logged.join('\n')}`);
    await delay(20);
  }
}

/** The workspace has to know the bot's address before the bot runs. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
