/** The long-running program: the bot, its workers and the receiver of alerts, put together. */
import { createApprovalLedger } from './adapters/approval-ledger.ts';
import { createClock } from './adapters/clock.ts';
import { listenHttp, type HttpHandler } from './adapters/http-listener.ts';
import type { Log } from './adapters/log.ts';
import { createJobQueues } from './adapters/queue.ts';
import { startJobWorkers } from './adapters/queue-workers.ts';
import { createSlackApp, type SlackApp } from './adapters/slack-app.ts';
import { createSlackClient } from './adapters/slack-client.ts';
import { createUserGroups, createWhisper } from './adapters/slack-people.ts';
import { createSlackThread } from './adapters/slack-thread.ts';
import { permissionNow } from './bot/authorise.ts';
import { createAlertEndpoint, InvalidAlert } from './bot/alert-endpoint.ts';
import { handleClick } from './bot/clicks.ts';
import { answerCommand } from './bot/commands.ts';
import { within } from './bot/deadline.ts';
import { createNotifier } from './bot/notifier.ts';
import { clusterName, connectClusters } from './compose-cluster.ts';
import { checkAudit, openStore } from './compose-store.ts';
import type { Config } from './config.ts';
import { ProgramError } from './errors.ts';
import { fixes } from './fixes/registry.ts';
import { resumePlans } from './jobs/resume-plans.ts';
import { alertPayload, receiveAlerts } from './jobs/alerts.ts';
import { approvePlan, approveRollback, rejectPlan, type DecideDeps } from './jobs/decide-plan.ts';
import { jobHandlers } from './jobs/worker.ts';
import type { Approver } from './model/approval.ts';
import type { JobQueues } from './model/jobs.ts';
import { probes } from './probes/registry.ts';
import { rules } from './rules/registry.ts';

export type Role = 'bot' | 'worker' | 'all';

export interface Served {
  /** Where it listens for HTTP; null: nowhere. */
  readonly port: number | null;
  stop(): Promise<void>;
}

/** How long running jobs may go on after the program was told to end. */
const graceMs = 15_000;
const alertBytes = 2 * 1024 * 1024;

type Closing = () => Promise<void>;

/** Starts what the role says; what was started is stopped again when something else cannot be. */
export async function serve(config: Config, role: Role, log: Log): Promise<Served> {
  const closings: Closing[] = [];
  const stop = async () => {
    for (const close of closings.splice(0).toReversed()) await close().catch((error: unknown) => log.error('could not be closed', error));
  };
  try {
    const port = await start(config, role, log, closings);
    return { port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(config: Config, role: Role, log: Log, closings: Closing[]): Promise<number | null> {
  const opened = await openStore(config, { line: (text) => log.info(text), audit: (record) => log.audit(record) });
  closings.push(() => opened.close());
  const { store, audit, seals, address } = opened;
  const onError = quieter(log);
  const queues = createJobQueues({ address, onError });
  closings.push(() => queues.close());
  const deps: ServeDeps = { store, audit, seals, approveOwn: config.APPROVE_OWN, queues, clock: createClock(), warn: (what, error) => log.warn(what, error) };
  // Not waited for: Redis may be away, and the bot says so to who asks.
  void checkAudit(audit, log);
  if (role !== 'bot') await startWorkers(config, address, deps, onError, closings);
  return role === 'worker' ? null : startBot(config, deps, log, closings);
}

interface ServeDeps extends DecideDeps {
  readonly queues: JobQueues;
}

async function startWorkers(config: Config, address: string, deps: ServeDeps, onError: (error: Error) => void, closings: Closing[]): Promise<void> {
  await resumePlans(deps);
  const clusters = await connectClusters(config);
  closings.push(() => clusters.close());
  const client = slackClient(config);
  const thread = createSlackThread({ client, clock: deps.clock });
  const notify = createNotifier({ ...deps, thread });
  const permission = permissionNow({ approvers: config.APPROVERS, groups: createUserGroups({ client, clock: deps.clock }), warn: deps.warn });
  const ledger = createApprovalLedger(config.STATE_DIR);
  const handlers = jobHandlers({ ...deps, permission, ledger, fixes, probes, rules, open: clusters.open, followUpMinutes: config.FOLLOW_UP_MINUTES, notify });
  const workers = startJobWorkers(handlers, { address, onError });
  closings.push(() => workers.stop(graceMs));
}

async function startBot(config: Config, deps: ServeDeps, log: Log, closings: Closing[]): Promise<number | null> {
  const client = slackClient(config);
  const clicks = {
    ...deps,
    approvers: config.APPROVERS,
    groups: createUserGroups({ client, clock: deps.clock }),
    whisper: createWhisper({ client }),
    approve: (plan: string, by: Approver) => approvePlan(deps, plan, by),
    rollback: (plan: string, by: Approver) => approveRollback(deps, plan, by),
    reject: (plan: string, by: string) => rejectPlan(deps, plan, by),
  };
  const app = createSlackApp({
    token: config.SLACK_BOT_TOKEN ?? '',
    apiUrl: config.SLACK_API_URL ?? null,
    mode: config.SLACK_APP_TOKEN === undefined ? { kind: 'http', signingSecret: config.SLACK_SIGNING_SECRET ?? '' } : { kind: 'socket', appToken: config.SLACK_APP_TOKEN },
    handlers: { command: (command) => answerCommand({ ...deps, cluster: clusterName }, command), click: (click) => handleClick(clicks, click) },
    log: (level, text) => log[level](text),
  });
  const alerts = createAlertEndpoint({
    token: config.ALERT_TOKEN ?? null,
    channel: config.ALERT_CHANNEL ?? null,
    receive(payload, channel) {
      const parsed = alertPayload.safeParse(payload);
      if (!parsed.success) throw new InvalidAlert(`no payload of Alertmanager, version 4: ${parsed.error.issues[0]?.path.join('.') ?? ''} ${parsed.error.issues[0]?.message ?? ''}`);
      return receiveAlerts({ ...deps, cluster: clusterName, channel }, parsed.data);
    },
    warn: deps.warn,
  });
  const port = await listen(config, { '/alertmanager': alerts }, app, deps, log, closings);
  closings.push(() => app.stop());
  await app.start().catch((error: unknown) => {
    throw new ProgramError('slack-refused', `Slack does not let the bot in: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  });
  return port;
}

function slackClient(config: Config) {
  return createSlackClient({ token: config.SLACK_BOT_TOKEN ?? '', apiUrl: config.SLACK_API_URL ?? null });
}

async function listen(config: Config, paths: Readonly<Record<string, HttpHandler>>, app: SlackApp, deps: ServeDeps, log: Log, closings: Closing[]): Promise<number | null> {
  if (!config.LISTEN) {
    if (app.requests) throw new ProgramError('configuration', 'LISTEN is not set: Slack could not reach the bot over HTTP (or set SLACK_APP_TOKEN for Socket Mode)');
    return null;
  }
  const { host, port } = config.LISTEN;
  const listener = await listenHttp({
    host,
    port,
    handlers: { ...paths, '/healthz': () => health(deps) },
    listeners: app.requests ? { '/slack/events': app.requests } : {},
    maxBytes: alertBytes,
    onError: (error) => log.error('a request could not be answered', error),
  }).catch((error: unknown) => {
    throw new ProgramError('cannot-listen', `${host}:${port}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  });
  closings.push(() => listener.close());
  return listener.port;
}

async function health({ store }: ServeDeps): Promise<{ status: number; body: object }> {
  try {
    await within(1000, store.recall('health'));
    return { status: 200, body: { ok: true } };
  } catch {
    return { status: 503, body: { ok: false, redis: 'does not answer' } };
  }
}

/** Redis that is away makes many errors that say the same. */
function quieter(log: Log): (error: Error) => void {
  let last = '';
  return (error) => {
    if (error.message !== last) log.error('queue', error);
    last = error.message;
  };
}
