/** The bot: what Slack and Alertmanager ask for, taken, answered and put into the queues. */
import { listenHttp, type HttpHandler, type HttpPath } from './adapters/http-listener.ts';
import { createPng } from './adapters/png.ts';
import { createSlackApp, type SlackApp } from './adapters/slack-app.ts';
import { createChannelCheck } from './adapters/slack-channel.ts';
import { createSlackClient } from './adapters/slack-client.ts';
import { createMessageLinks } from './adapters/slack-links.ts';
import { createUserGroups, createWhisper } from './adapters/slack-people.ts';
import { createScreens } from './adapters/slack-screens.ts';
import { createSlackThread } from './adapters/slack-thread.ts';
import { refusalCode } from './adapters/slack-trouble.ts';
import { createAlertEndpoint, remembered } from './bot/alert-endpoint.ts';
import { createPostReader } from './bot/alert-posts.ts';
import { handleClick } from './bot/clicks.ts';
import { answerCommand } from './bot/commands.ts';
import { hear } from './bot/conversation.ts';
import { within } from './bot/deadline.ts';
import { showHome } from './bot/home.ts';
import { createMetrics } from './bot/metrics.ts';
import { plainScreens, plainWhisper } from './bot/plain-screens.ts';
import { handleShortcut } from './bot/shortcuts.ts';
import { keptRecent, suggest } from './bot/suggestions.ts';
import { threadLinks } from './bot/thread-links.ts';
import { createUnmappedTeller } from './bot/unmapped-alerts.ts';
import { handleSubmission } from './bot/submissions.ts';
import type { ServeContext } from './compose-context.ts';
import { approversByCluster, knownClusters } from './compose-known-clusters.ts';
import { secretNow } from './config-secrets.ts';
import type { Config } from './config.ts';
import { ProgramError } from './errors.ts';
import { textPatternOf } from './model/alert-text.ts';
import type { SharedFile } from './model/thread.ts';
import { createPlanSurface } from './plans/surface.ts';
import { createRunSurface, type RunSurface } from './runs/surface.ts';
import { checkSlackApp } from './compose-slack-check.ts';
import { checkWords } from './setup/check.ts';
import { alertSecrets, listenTrouble, noListen, ofThisBot } from './setup/listen.ts';
import { slackTrouble } from './setup/slack-setup.ts';
import { programVersion } from './version.ts';

const alertBytes = 2 * 1024 * 1024;

/** @returns the port on which it listens for HTTP; null: none. */
export async function startBot(context: ServeContext): Promise<number | null> {
  const { config, closings } = context;
  const runs = createRunSurface({
    ...context.deps,
    clusters: knownClusters(config),
    alertTemplates: config.ALERT_TARGETS,
    alertPatterns: config.ALERT_POST_TEXTS.map(textPatternOf),
  });
  const app = createApp(context, runs);
  const port = await listen(context, runs, app);
  closings.push(() => app.stop());
  await app.start().catch((error: unknown) => {
    throw slackRefused(error, config);
  });
  if (port === null)
    for (const key of alertSecrets(config)) context.log.warn(checkWords(noListen(`${key} is set: alerts`)));
  // Not waited for: the bot serves, with the limits that are told.
  void tellSlackTroubles(context);
  return port;
}

/** Says what doctor says of Slack. */
async function tellSlackTroubles({ config, log }: ServeContext): Promise<void> {
  try {
    for (const check of await checkSlackApp(config)) {
      if (check.state === 'failed') log.error(checkWords(check));
      else if (check.state === 'limited') log.warn(checkWords(check));
    }
  } catch (error) {
    log.warn('the Slack app could not be checked', error);
  }
}

function createApp({ config, deps, log, onFailure }: ServeContext, runs: RunSurface): SlackApp {
  const client = slackClient(config);
  const { store, warn, clock, seals } = deps;
  const people = {
    store,
    warn,
    diagnosesPerMinute: config.DIAGNOSES_PER_MINUTE,
    approvers: config.APPROVERS,
    ...approversByCluster(config),
    groups: createUserGroups({ client, clock }),
  };
  const thread = createSlackThread({ client, clock });
  const links = createMessageLinks({ client });
  const asking = {
    ...people,
    links,
    runs,
    plans: createPlanSurface(deps),
    whisper: plainWhisper(createWhisper({ client }), warn),
    screens: plainScreens(createScreens({ client }), warn),
    send: (file: SharedFile) => thread.share(file),
    draw: createPng({ warn }),
    // Packages are loaded when they are needed: few people ask.
    explain: async (rule: string) => (await import('./compose-explain.ts')).explained(rule),
    seals,
    clock,
    clusters: knownClusters(config),
    queues: deps.queues,
    version: programVersion(),
  };
  const offering = { ...asking, runs: { ...runs, recent: keptRecent(runs, clock) } };
  return createSlackApp({
    token: secretNow(config, 'SLACK_BOT_TOKEN'),
    apiUrl: config.SLACK_API_URL ?? null,
    mode: modeOf(config),
    handlers: {
      command: (command) => answerCommand(asking, command),
      click: (click) => handleClick(asking, click),
      submit: (submission) => handleSubmission(asking, submission),
      suggest: (suggestion) => suggest(offering, suggestion),
      shortcut: (shortcut) => handleShortcut(asking, shortcut),
      hear: (said) => hear(asking, said),
      posted: createPostReader({
        channels: config.ALERT_POST_CHANNELS,
        apps: config.ALERT_POST_APPS,
        runs,
        store,
        thread,
        linksOf: (told) => threadLinks({ store, links }, told),
        tellUnmapped: createUnmappedTeller({ store, thread, warn }),
        warn,
      }),
      home: (user) => showHome(asking, user),
    },
    log: (level, text) => log[level](text),
    onRefused: (error) => onFailure(slackRefused(error, config)),
  });
}

function slackClient(config: Config) {
  return createSlackClient({
    token: secretNow(config, 'SLACK_BOT_TOKEN'),
    apiUrl: config.SLACK_API_URL ?? null,
  });
}

function modeOf(config: Config) {
  return config.SLACK_APP_TOKEN === undefined
    ? ({ kind: 'http', signingSecret: secretNow(config, 'SLACK_SIGNING_SECRET') } as const)
    : ({ kind: 'socket', appToken: secretNow(config, 'SLACK_APP_TOKEN') } as const);
}

function slackRefused(error: unknown, config: Config): ProgramError {
  const key = config.SLACK_APP_TOKEN === undefined ? 'SLACK_BOT_TOKEN' : 'SLACK_APP_TOKEN';
  const why = error instanceof Error ? error.message : String(error);
  const { text, next } = slackTrouble(key, { code: refusalCode(error), why });
  return new ProgramError('slack-refused', text, { cause: error, next: `${next}.` });
}

function createAlerts({ config, deps }: ServeContext, runs: RunSurface): HttpHandler {
  const client = slackClient(config);
  const thread = createSlackThread({ client, clock: deps.clock });
  return createAlertEndpoint({
    mayPost: remembered(createChannelCheck({ client }), deps.clock),
    tellUnmapped: createUnmappedTeller({ store: deps.store, thread, warn: deps.warn }),
    token: config.ALERT_TOKEN === undefined ? null : secretNow(config, 'ALERT_TOKEN'),
    basicAuth: config.ALERT_BASIC_AUTH === undefined ? null : secretNow(config, 'ALERT_BASIC_AUTH'),
    clusters: knownClusters(config),
    channels: config.ALERT_CHANNELS,
    runs,
    warn: deps.warn,
  });
}

async function listen(context: ServeContext, runs: RunSurface, app: SlackApp): Promise<number | null> {
  const { config, deps, log, closings } = context;
  if (!config.LISTEN) {
    if (app.requests) {
      const instead = 'or set SLACK_APP_TOKEN for Socket Mode';
      throw new ProgramError(
        'configuration',
        `LISTEN is not set: Slack could not reach the bot over HTTP (${instead})`,
      );
    }
    return null;
  }
  const { host, port } = config.LISTEN;
  const { clock, queues } = deps;
  const plans = createPlanSurface(deps);
  const metrics = createMetrics({
    version: programVersion(),
    runs,
    plans,
    queues,
    clock,
    connections: app.connections,
  });
  const paths: Record<string, HttpPath> = {
    '/alertmanager': { methods: ['POST'], handle: createAlerts(context, runs) },
    '/healthz': { methods: ['GET', 'HEAD'], handle: () => health(deps) },
    '/metrics': { methods: ['GET'], handle: async () => ({ status: 200, body: await metrics() }) },
    ...(app.requests ? { '/slack/events': { methods: ['POST'], foreign: app.requests } } : {}),
  };
  const onError = (what: string, error: unknown) => log.error(what, error);
  const listener = await listenHttp({ host, port, paths, maxBytes: alertBytes, onError }).catch((error: unknown) => {
    const { text, next } = listenTrouble({ host, port }, error instanceof Error ? error.message : String(error));
    throw new ProgramError('cannot-listen', `LISTEN: ${text}`, { cause: error, next: `${next}.` });
  });
  closings.push(() => listener.close());
  return listener.port;
}

async function health({ store }: ServeContext['deps']): Promise<{ status: number; body: object }> {
  try {
    await within(1000, store.recall('health'));
    return { status: 200, body: { ...ofThisBot, ok: true } };
  } catch {
    return { status: 503, body: { ...ofThisBot, ok: false, redis: 'does not answer' } };
  }
}
