/** Slack's deliveries, by Socket Mode or signed HTTP requests, given to handlers. */
import { App, SocketModeReceiver, type BlockAction, type Logger, LogLevel, type Receiver } from '@slack/bolt';
import type { MessageContent } from '../model/thread.ts';
import type { ForeignListener } from './http-listener.ts';
import { createSlackRequests } from './slack-requests.ts';
import { keepConnected } from './slack-socket.ts';
import { asItIs } from './slack-thread.ts';

interface SlackHandlers {
  /** Has to settle within three seconds. */
  command(command: {
    readonly command: string;
    readonly text: string;
    readonly user: string;
    readonly channel: string;
    readonly trigger: string;
  }): Promise<MessageContent>;
  click(click: {
    readonly action: string;
    readonly value: string;
    readonly user: string;
    readonly channel: string;
    readonly thread: string;
    readonly message: string;
    readonly at: string;
  }): Promise<void>;
}

export interface SlackAppOptions {
  readonly token: string;
  /** null: Slack itself. */
  readonly apiUrl: string | null;
  /** Socket Mode by the app-level token, or HTTP by the signing secret. */
  readonly mode:
    | { readonly kind: 'socket'; readonly appToken: string }
    | { readonly kind: 'http'; readonly signingSecret: string };
  readonly handlers: SlackHandlers;
  readonly log: (level: 'info' | 'warn' | 'error', text: string) => void;
  /** Slack refuses the token of a bot that was connected: it receives nothing any more. */
  readonly onRefused: (error: unknown) => void;
}

export interface SlackApp {
  /** Takes what Slack posts to the request URL; null in Socket Mode. */
  readonly requests: ForeignListener | null;
  /** Rejects when Slack does not take the token. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createSlackApp({ token, apiUrl, mode, handlers, log, onRefused }: SlackAppOptions): SlackApp {
  const clientOptions = apiUrl === null ? {} : { slackApiUrl: apiUrl };
  const logger = boltLogger(log);
  const listen = (receiver: Receiver): App => {
    const app = new App({ token, receiver, clientOptions, logger, convoStore: false });
    addListeners(app, handlers, log);
    return app;
  };
  if (mode.kind === 'http') {
    const requests = createSlackRequests(mode.signingSecret, logger);
    const app = listen(requests);
    return {
      requests: (request, response) => requests.handle(request, response),
      start: async () => void (await app.client.auth.test()),
      stop: () => Promise.resolve(),
    };
  }
  const connect = () => {
    const receiver = new SocketModeReceiver({
      appToken: mode.appToken,
      logger,
      autoReconnectEnabled: false,
      clientPingTimeout: pingTimeoutMs,
      installerOptions: { clientOptions: { ...clientOptions, retryConfig: fewRetries } },
    });
    listen(receiver);
    return keepConnected({ client: receiver.client, log, onRefused });
  };
  const sockets = Array.from({ length: connections }, connect);
  return {
    requests: null,
    start: async () => void (await Promise.all(sockets.map((socket) => socket.start()))),
    stop: async () => void (await Promise.all(sockets.map((socket) => socket.stop()))),
  };
}

/** Slack sends each delivery to one of them: while it renews one, the other one is there. */
const connections = 2;
const pingTimeoutMs = 3000;
/** Of one attempt to connect, some nine seconds in all: further attempts are made and told by keepConnected. */
const fewRetries = { retries: 5, factor: 1.3 };

function addListeners(app: App, handlers: SlackHandlers, log: SlackAppOptions['log']): void {
  // One listener for all: Bolt runs every one that matches.
  app.command(/.*/, async ({ command, ack }) => {
    const { text, blocks } = await handlers.command({
      command: command.command,
      text: command.text ?? '',
      user: command.user_id,
      channel: command.channel_id,
      trigger: command.trigger_id,
    });
    await ack({
      response_type: 'ephemeral',
      text,
      blocks: blocks.map((block) => ({ ...block })),
      ...asItIs,
      mrkdwn: false,
      unfurl_links: false,
      unfurl_media: false,
    });
  });
  app.action<BlockAction>(/.*/, async ({ ack, body, action }) => {
    await ack();
    if (action.type !== 'button' || !body.channel || !body.message) return;
    const { ts, thread_ts: thread } = body.message;
    await handlers.click({
      action: action.action_id,
      value: action.value ?? '',
      user: body.user.id,
      channel: body.channel.id,
      thread: typeof thread === 'string' ? thread : ts,
      message: ts,
      at: action.action_ts,
    });
  });
  app.error(async (error) => log('error', `a delivery of Slack could not be handled: ${error.message}`));
}

function boltLogger(log: SlackAppOptions['log']): Logger {
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
