/** A Socket Mode connection that is kept up, or reported as lost for good. */
import type { SocketModeReceiver } from '@slack/bolt';
import { setTimeout as delay } from 'node:timers/promises';
import { tokenRefusals } from '../model/slack-setup.ts';
import type { SlackOutage } from './slack-outage.ts';
import { refusalCode } from './slack-trouble.ts';

type SocketModeClient = SocketModeReceiver['client'];

export interface SocketOptions {
  /** One whose own reconnecting is off: it rejects where nobody listens when Slack refuses the token. */
  readonly client: SocketModeClient;
  /** The one of this moment. */
  readonly token: () => string;
  /** Shared by all connections. */
  readonly outage: SlackOutage;
  /** Slack refuses the token, which was not renewed: no further attempt is made. */
  readonly onRefused: (error: unknown) => void;
  readonly firstPauseMs?: number;
}

export interface SlackSocket {
  /** Connects. Rejects when Slack does not let the app in. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Whether the connection is up. */
  isUp(): boolean;
}

const longestPauseMs = 30_000;

export function keepConnected({ client, token, outage, onRefused, firstPauseMs = 1000 }: SocketOptions): SlackSocket {
  const stopping = new AbortController();
  let connecting = false;
  let up = false;

  async function connect(): Promise<void> {
    connecting = true;
    try {
      await client.start();
      up = true;
      outage.up(client);
    } finally {
      connecting = false;
    }
  }

  /** Slack renews connections as a matter of course: the first attempt comes at once, and only failures are told. */
  async function reconnect(): Promise<void> {
    for (let pauseMs = firstPauseMs; !stopping.signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      const used = token();
      try {
        return await connect();
      } catch (error) {
        if (stopping.signal.aborted) return;
        if (tokenRefusals.has(refusalCode(error) ?? '')) {
          if (token() === used) return onRefused(error);
          continue;
        }
        outage.failed(client, error);
        await delay(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  }

  // Also emitted while `start` runs, which then rejects by itself.
  client.on('disconnected', () => {
    up = false;
    if (!connecting && !stopping.signal.aborted) void reconnect();
  });
  return {
    start: connect,
    isUp: () => up,
    async stop() {
      stopping.abort();
      // Its promise waits for the peer's answer; the program does not.
      void client.disconnect();
    },
  };
}
