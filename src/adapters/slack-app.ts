/** Slack's deliveries, by Socket Mode or signed HTTP requests, given to handlers. */
import { App, SocketModeReceiver, type AuthorizeResult, type Logger, LogLevel, type Receiver } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { ForeignListener } from './http-listener.ts';
import { createSlackClient, fetchWith } from './slack-client.ts';
import { addListeners, type SlackHandlers } from './slack-deliveries.ts';
import { createSlackOutage, isOfOutage } from './slack-outage.ts';
import type { OwnTeam } from './slack-team.ts';
import { createSlackRequests } from './slack-requests.ts';
import { keepConnected } from './slack-socket.ts';

/** Secrets are functions, asked whenever one is needed: what comes from a file may have been renewed. */
export interface SlackAppOptions {
  readonly token: () => string;
  /** null: Slack itself. */
  readonly apiUrl: string | null;
  /** Socket Mode by the app-level token, or HTTP by the signing secret. */
  readonly mode:
    | { readonly kind: 'socket'; readonly appToken: () => string }
    | { readonly kind: 'http'; readonly signingSecret: () => string };
  readonly handlers: SlackHandlers;
  readonly log: (level: 'info' | 'warn' | 'error', text: string) => void;
  /** Slack refuses the token of a bot that was connected: it receives nothing any more. */
  readonly onRefused: (error: unknown) => void;
}

export interface SlackApp {
  /** Takes what Slack posts to the request URL; null in Socket Mode. */
  readonly requests: ForeignListener | null;
  /** Connections of Socket Mode that are up; null: HTTP. */
  readonly connections: () => number | null;
  /** Rejects when Slack does not take the token. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createSlackApp({ token, apiUrl, mode, handlers, log, onRefused }: SlackAppOptions): SlackApp {
  const address = apiUrl === null ? {} : { slackApiUrl: apiUrl };
  const logger = boltLogger(log);
  const authorize = ownIdentity(createSlackClient({ token, apiUrl }));
  const listen = (receiver: Receiver): App => {
    const clientOptions = { ...address, fetch: fetchWith(token) };
    const app = new App({ authorize, receiver, clientOptions, logger, convoStore: false });
    addListeners(app, handlers, (text) => log('error', text));
    return app;
  };
  if (mode.kind === 'http') {
    const requests = createSlackRequests(mode.signingSecret, logger);
    const app = listen(requests);
    return {
      connections: () => null,
      requests: (request, response) => requests.handle(request, response),
      start: async () => void (await app.client.auth.test()),
      stop: () => Promise.resolve(),
    };
  }
  const outage = createSlackOutage(log);
  const quiet = boltLogger((level, text) => isOfOutage(text) || log(level, text));
  const connect = () => {
    const receiver = new SocketModeReceiver({
      appToken: mode.appToken(),
      logger: quiet,
      autoReconnectEnabled: false,
      clientPingTimeout: pingTimeoutMs,
      installerOptions: {
        clientOptions: { ...address, fetch: fetchWith(mode.appToken), retryConfig: fewRetries },
      },
    });
    listen(receiver);
    return keepConnected({ client: receiver.client, token: mode.appToken, outage, onRefused });
  };
  const sockets = Array.from({ length: connections }, connect);
  return {
    requests: null,
    connections: () => sockets.filter((socket) => socket.isUp()).length,
    start: async () => void (await Promise.all(sockets.map((socket) => socket.start()))),
    stop: async () => void (await Promise.all(sockets.map((socket) => socket.stop()))),
  };
}

/** Who the bot is, which Bolt asks at each delivery: Slack is asked once, and again after a failure. */
function ownIdentity(client: WebClient): () => Promise<AuthorizeResult> {
  let known: Promise<AuthorizeResult> | null = null;
  return () => {
    known ??= client.auth.test().then(
      ({ user_id: botUserId, bot_id: botId, team_id: team = null, enterprise_id: organisation = null }) => ({
        own: { team, organisation } satisfies OwnTeam,
        ...(botUserId === undefined ? {} : { botUserId }),
        ...(botId === undefined ? {} : { botId }),
      }),
      (error: unknown) => {
        known = null;
        throw error;
      },
    );
    return known;
  };
}

/** Slack sends each delivery to one of them: while it renews one, the other one is there. */
const connections = 2;
const pingTimeoutMs = 3000;
/** Of one attempt to connect, some nine seconds in all: further attempts are made and told by keepConnected. */
const fewRetries = { retries: 5, factor: 1.3 };

function boltLogger(log: (...said: Parameters<SlackAppOptions['log']>) => unknown): Logger {
  const write =
    (level: 'info' | 'warn' | 'error') =>
    (...parts: readonly unknown[]) =>
      log(level, parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' '));
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: write('warn'),
    error: write('error'),
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
}
