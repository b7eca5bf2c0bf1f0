/** Slack's deliveries, by Socket Mode or signed HTTP requests, given to handlers. */
import { App, HTTPReceiver, SocketModeReceiver, type BlockAction, type Logger, LogLevel } from '@slack/bolt';
import type { RequestListener } from 'node:http';
import type { MessageContent } from '../model/thread.ts';

export interface SlackHandlers {
  /** Has to settle within three seconds. */
  command(command: { readonly command: string; readonly text: string; readonly user: string; readonly channel: string; readonly trigger: string }): Promise<MessageContent>;
  click(click: { readonly action: string; readonly value: string; readonly user: string; readonly channel: string; readonly thread: string; readonly at: string }): Promise<void>;
}

export interface SlackAppOptions {
  readonly token: string;
  /** null: Slack itself. */
  readonly apiUrl: string | null;
  /** Socket Mode by the app-level token, or HTTP by the signing secret. */
  readonly mode: { readonly kind: 'socket'; readonly appToken: string } | { readonly kind: 'http'; readonly signingSecret: string };
  readonly handlers: SlackHandlers;
  readonly log: (level: 'info' | 'warn' | 'error', text: string) => void;
}

export interface SlackApp {
  /** Takes what Slack posts to the request URL; null in Socket Mode. */
  readonly requests: RequestListener | null;
  /** Rejects when Slack does not take the token. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createSlackApp({ token, apiUrl, mode, handlers, log }: SlackAppOptions): SlackApp {
  const clientOptions = apiUrl === null ? {} : { slackApiUrl: apiUrl };
  const logger = boltLogger(log);
  const http = mode.kind === 'http' ? new HTTPReceiver({ signingSecret: mode.signingSecret, logger }) : null;
  // Its default leaves the app without a connection for five seconds whenever Slack renews it.
  const socket = mode.kind === 'socket' ? new SocketModeReceiver({ appToken: mode.appToken, clientPingTimeout: 1000, installerOptions: { clientOptions }, logger }) : null;
  const receiver = http ?? socket;
  if (!receiver) throw new TypeError('neither HTTP nor Socket Mode');
  const app = new App({ token, receiver, clientOptions, logger, convoStore: false });

  // One listener for all: Bolt runs every one that matches.
  app.command(/.*/, async ({ command, ack }) => {
    const { text, blocks } = await handlers.command({ command: command.command, text: command.text ?? '', user: command.user_id, channel: command.channel_id, trigger: command.trigger_id });
    await ack({ response_type: 'ephemeral', text, blocks: blocks.map((block) => ({ ...block })) });
  });
  app.action<BlockAction>(/.*/, async ({ ack, body, action }) => {
    await ack();
    if (action.type !== 'button' || !body.channel || !body.message) return;
    const { ts, thread_ts: thread } = body.message;
    await handlers.click({ action: action.action_id, value: action.value ?? '', user: body.user.id, channel: body.channel.id, thread: typeof thread === 'string' ? thread : ts, at: action.action_ts });
  });
  app.error(async (error) => log('error', `a delivery of Slack could not be handled: ${error.message}`));

  return {
    requests: http ? (request, response) => http.requestListener(request, response) : null,
    async start() {
      if (socket) await app.start();
      else await app.client.auth.test();
    },
    async stop() {
      if (socket) await app.stop();
    },
  };
}

function boltLogger(log: SlackAppOptions['log']): Logger {
  const write = (level: 'info' | 'warn' | 'error') => (...parts: readonly unknown[]) => log(level, parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' '));
  return { debug: () => undefined, info: () => undefined, warn: write('warn'), error: write('error'), setLevel: () => undefined, getLevel: () => LogLevel.WARN, setName: () => undefined };
}
