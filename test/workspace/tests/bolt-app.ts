import { App, HTTPReceiver, LogLevel, SocketModeReceiver } from '@slack/bolt';
import type { Workspace } from '../start-workspace.ts';

/** A real Bolt app over Socket Mode, not yet started. Reconnects after 200 ms instead of 5 s. */
export function socketApp(workspace: Workspace): App {
  const clientOptions = { slackApiUrl: workspace.apiUrl };
  const receiver = new SocketModeReceiver({
    appToken: workspace.start.app_token,
    clientPingTimeout: 200,
    logLevel: LogLevel.ERROR,
    installerOptions: { clientOptions },
  });
  return new App({ token: workspace.start.bot_token, receiver, clientOptions, logLevel: LogLevel.ERROR, convoStore: false });
}

/** A real Bolt app that takes signed HTTP requests, not yet started. */
export function httpApp(workspace: Workspace): App {
  const receiver = new HTTPReceiver({ signingSecret: workspace.start.signing_secret, logLevel: LogLevel.ERROR });
  const clientOptions = { slackApiUrl: workspace.apiUrl };
  return new App({ token: workspace.start.bot_token, receiver, clientOptions, logLevel: LogLevel.ERROR, convoStore: false });
}
