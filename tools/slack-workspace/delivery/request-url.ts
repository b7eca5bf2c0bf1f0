import { createHmac } from 'node:crypto';
import { afterAwake } from '../../../src/adapters/awake-timer.ts';
import type { Json } from '../model.ts';
import type { World } from '../state/world.ts';
import { ANSWER_BUDGET_MS, type Answer, type Envelope, type Transport } from './envelope.ts';

/**
 * Sends signed HTTP requests (`v0` signatures) to the app's request URL, each over a connection of its own: one that is
 * kept may be closed by the app as a request is on its way.
 * @param budgetMs how long the app may take to answer, as far as this process could hear it
 */
export function createRequestUrlTransport(world: World, requestUrl: string, budgetMs = ANSWER_BUDGET_MS): Transport {
  async function send(envelope: Envelope): Promise<Answer> {
    const started = performance.now();
    const ms = (): number => Math.round(performance.now() - started);
    const budget = new AbortController();
    const stop = afterAwake(budgetMs, () => budget.abort());
    try {
      const response = await fetch(requestUrl, {
        method: 'POST',
        redirect: 'error',
        signal: budget.signal,
        ...signedRequest(world, envelope),
      });
      const text = await response.text();
      if (response.status === 200) return { acked: true, body: parseBody(text), ms: ms() };
      return {
        acked: false,
        reason: 'http_error',
        mayRetry: response.headers.get('x-slack-no-retry') !== '1',
        ms: ms(),
      };
    } catch {
      const reason = budget.signal.aborted ? 'http_timeout' : 'connection_failed';
      return { acked: false, reason, mayRetry: true, ms: ms() };
    } finally {
      stop();
    }
  }
  return { send };
}

function signedRequest(world: World, envelope: Envelope): { headers: Record<string, string>; body: string } {
  const isEvent = envelope.type === 'events_api';
  const body = isEvent ? JSON.stringify(envelope.payload) : formBody(envelope);
  const timestamp = String(Math.floor(world.now() / 1000));
  const signature = createHmac('sha256', world.start.signing_secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return {
    body,
    headers: {
      connection: 'close',
      'content-type': isEvent ? 'application/json' : 'application/x-www-form-urlencoded',
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
      ...(envelope.retry
        ? { 'x-slack-retry-num': String(envelope.retry.attempt), 'x-slack-retry-reason': envelope.retry.reason }
        : {}),
    },
  };
}

function formBody(envelope: Envelope): string {
  const fields: Json =
    envelope.type === 'interactive' ? { payload: JSON.stringify(envelope.payload) } : envelope.payload;
  return new URLSearchParams(
    Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
