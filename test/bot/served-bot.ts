/** A bot that is served to a workspace, over Redis. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { Redis } from 'ioredis';
import { startJobWorkers } from '../../src/adapters/queue-workers.ts';
import { redisOptions } from '../../src/adapters/redis-connection.ts';
import { createRunStore } from '../../src/adapters/run-store.ts';
import { createSlackClient } from '../../src/adapters/slack-client.ts';
import { serve, type Served } from '../../src/compose-serve.ts';
import { loadConfig } from '../../src/config.ts';
import type { Log } from '../../src/adapters/log.ts';
import { createMessageBook } from '../../src/bot/message-book.ts';
import type { AuditRecord } from '../../src/model/audit.ts';
import type { PlanRecord } from '../../src/model/fix.ts';
import type { JobWorkers, QueueName } from '../../src/model/jobs.ts';
import type { RunStore } from '../../src/model/runs.ts';
import { withoutSecrets } from '../../src/model/stored-event.ts';
import { startTestRedis } from '../support/redis.ts';
import { readManifest } from '../support/slack-manifest.ts';
import { linesOf, type ChannelMessage } from '../../tools/slack-workspace/client.ts';
import { startWorkspace, type Workspace, type WorkspaceOptions } from '../../tools/slack-workspace/start-workspace.ts';
import { freePort } from '../../tools/lab/free-port.ts';
import { at, planRecord, sampleRun, started } from './sample-run.ts';

export let redis: Awaited<ReturnType<typeof startTestRedis>>;
export let workspace: Workspace;
export let bot: Served;
export let store: RunStore;
let workers: JobWorkers | null = null;
export const logged: string[] = [];
export const audited: AuditRecord[] = [];
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

let serving: () => Promise<void>;

/** Takes away all that earlier tests left. */
export async function emptyRedis(): Promise<void> {
  const all = new Redis(redisOptions(redis.address));
  await all.flushall();
  all.disconnect();
}

/** Ends the bot, and starts it anew over the same store and workspace. */
export async function restart(): Promise<void> {
  await bot.stop();
  await serving();
}

export const alertToken = 'a-token-of-alertmanager';

export async function up(
  mode: 'socket' | 'http',
  options: {
    readonly approvers?: string;
    readonly redis?: string;
    readonly diagnosesPerMinute?: string;
    /** Ids of apps whose posts in #oncall are alerts. */
    readonly postApps?: string;
    readonly twoFrom?: string;
    /** Types of blocks that Slack refuses. */
    readonly lacksBlocks?: readonly string[];
    /** Path of a configuration file. */
    readonly file?: string;
    /** A folder: the secrets come from files of it, each called as its key. */
    readonly secrets?: string;
    /** Between Slack and the port of the bot. @returns the address that Slack posts to */
    readonly wire?: (port: number) => Promise<string>;
  } = {},
): Promise<void> {
  logged.length = 0;
  const listen = mode === 'http' ? await freePort() : 0;
  const posted = (await options.wire?.(listen)) ?? `http://127.0.0.1:${listen}`;
  // Slack grants what the manifest asks for, and nothing else.
  const { scopes, events, shortcuts } = readManifest();
  const workspaceOptions: WorkspaceOptions = {
    ...(options.lacksBlocks ? { lacksBlocks: options.lacksBlocks } : {}),
    override: {
      scopes: [...scopes],
      events: [...events],
      shortcuts: shortcuts.map(({ callback_id, name }) => ({ callback_id, name, description: '' })),
      ...(mode === 'http' ? { request_url: `${posted}/slack/events` } : {}),
    },
  };
  workspace = await startWorkspace(workspaceOptions);
  const { bot_token: token, app_token: appToken, signing_secret: secret } = workspace.start;
  const secrets: Record<string, string> = {
    SLACK_BOT_TOKEN: token,
    SLACK_SIGNING_SECRET: secret,
    ALERT_TOKEN: alertToken,
    ...(mode === 'socket' ? { SLACK_APP_TOKEN: appToken } : {}),
  };
  const { secrets: folder } = options;
  if (folder)
    for (const [key, value] of Object.entries(secrets)) {
      await writeFile(join(folder, key), value);
      secrets[`${key}_FILE`] = join(folder, key);
      delete secrets[key];
    }
  const config = loadConfig(
    {
      ...secrets,
      SLACK_API_URL: workspace.apiUrl,
      REDIS_URL: options.redis ?? redis.address,
      STATE_DIR: stateDir,
      APPROVAL_KEY_FILE: join(stateDir, 'key'),
      APPROVERS: options.approvers ?? 'U0ALICE,@platform',
      ALERT_CHANNELS: '#oncall',
      LISTEN: `127.0.0.1:${listen}`,
      ...(options.diagnosesPerMinute ? { DIAGNOSES_PER_MINUTE: options.diagnosesPerMinute } : {}),
      ...(options.postApps ? { ALERT_POST_CHANNELS: 'C0ONCALL', ALERT_POST_APPS: options.postApps } : {}),
      ...(options.twoFrom ? { TWO_APPROVERS_FROM: options.twoFrom } : {}),
      ...(options.file ? { CALICO_CHATOPS_CONFIG: options.file } : {}),
    },
    ['slack'],
  );
  serving = async () => {
    bot = await serve({
      config,
      role: 'bot',
      log,
      environment: {},
      onFailure: (error) => void logged.push(error.message),
    });
  };
  await serving();
  store = createRunStore({ address: redis.address, onError: () => undefined });
}

/** What is done at the end of each test, before bot and workspace stop. */
export const endings: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of endings) await end();
  await workers?.stop(1000);
  workers = null;
  await bot.stop();
  await store.close();
  await workspace.stop();
});

/** Takes jobs off the queues, as a worker would, and keeps what those carry that ask for something. */
export function jobsOf(clusters?: readonly string[]): {
  readonly taken: { readonly queue: QueueName; readonly data: unknown }[];
} {
  const taken: { queue: QueueName; data: unknown }[] = [];
  const handler = (queue: QueueName) => ({
    concurrency: 1,
    lanes: { background: 1, waiting: 1, typing: 1 },
    startOnce: false,
    run: async (data: unknown) => void taken.push({ queue, data }),
  });
  workers = startJobWorkers(
    {
      diagnose: handler('diagnose'),
      fix: handler('fix'),
      notify: { concurrency: 1, startOnce: false, run: async () => undefined },
    },
    { address: redis.address, onError: () => undefined, ...(clusters ? { clusters } : {}) },
  );
  return { taken };
}

export const whispers = (user: string) =>
  workspace
    .messages({ channel: 'oncall', user })
    .filter((message) => message['is_ephemeral'])
    .map((message) => linesOf(message as unknown as ChannelMessage).join('\n'));

function button(action_id: string, value: string) {
  return { type: 'button' as const, action_id, value, text: { type: 'plain_text' as const, text: action_id } };
}

/** A message with the buttons of a stored plan and run, as the notifier would have posted it. */
export async function postButtons(
  plan: string,
  change: Partial<PlanRecord> = {},
  told: { readonly channel?: string; readonly ts?: string } = {},
): Promise<string> {
  await store.append(sampleRun, withoutSecrets({ at, ...started }));
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
          button('review_fix', record.plan.id),
          button('show_evidence', sampleRun),
          button('wait_for_traffic', sampleRun),
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

/** A run of alice, with a message that holds its button. @returns the ts of the message */
export async function running(run: string): Promise<string> {
  await store.append(run, withoutSecrets({ at, ...started }));
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
export const cancelledBy = async (run: string) =>
  (await store.events(run)).flatMap((event) => (event.type === 'cancelled' ? [event.by] : []));
export const clickCancel = (user: string, ts: string) =>
  workspace.click({ user, channel: 'oncall', ts, action_id: 'cancel_run' });

/** Looks until it is so: what happens is in another connection, which tells nobody. */
export async function settles(look: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await look())) {
    if (Date.now() > deadline) throw new Error(`it did not happen; logged: ${logged.join('\n')}`);
    await delay(20);
  }
}
