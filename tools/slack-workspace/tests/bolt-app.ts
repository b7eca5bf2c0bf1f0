import { App, HTTPReceiver, LogLevel, SocketModeReceiver } from '@slack/bolt';
import type { Workspace } from '../start-workspace.ts';

/**
 * A real Bolt app over Socket Mode, not yet started. `clientPingTimeout` is its wait for a pong and before it
 * reconnects: a short one takes a busy machine for a dead connection.
 */
export function socketApp(workspace: Workspace, clientPingTimeout = 5000): App {
  const clientOptions = { slackApiUrl: workspace.apiUrl };
  const receiver = new SocketModeReceiver({
    appToken: workspace.start.app_token,
    clientPingTimeout,
    logLevel: LogLevel.ERROR,
    installerOptions: { clientOptions },
  });
  return new App({
    token: workspace.start.bot_token,
    receiver,
    clientOptions,
    logLevel: LogLevel.ERROR,
    convoStore: false,
  });
}

/** A real Bolt app that takes signed HTTP requests, not yet started. */
export function httpApp(workspace: Workspace): App {
  const receiver = new HTTPReceiver({ signingSecret: workspace.start.signing_secret, logLevel: LogLevel.ERROR });
  const clientOptions = { slackApiUrl: workspace.apiUrl };
  return new App({
    token: workspace.start.bot_token,
    receiver,
    clientOptions,
    logLevel: LogLevel.ERROR,
    convoStore: false,
  });
}
