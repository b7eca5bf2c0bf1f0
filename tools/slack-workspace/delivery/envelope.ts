import type { Json } from '../model.ts';

/** Slack waits this long for an app's answer. */
export const ANSWER_BUDGET_MS = 3000;

/** What Slack sends to an app, in Socket Mode's words. */
export interface Envelope {
  type: 'slash_commands' | 'interactive' | 'events_api';
  payload: Json;
  retry: { attempt: number; reason: string } | null;
}

/** How the app answered. `body` is what came with the acknowledgement, `''` for nothing. */
export type Answer =
  | { acked: true; body: unknown; ms: number }
  | { acked: false; reason: 'http_timeout' | 'http_error' | 'connection_failed'; mayRetry: boolean; ms: number };

/** A way to an app: Socket Mode or a request URL. Never throws. */
export interface Transport {
  send(envelope: Envelope): Promise<Answer>;
}
