import { LogLevel, WebClient, type FetchFunction } from '@slack/web-api';
import { afterAwake } from './awake-timer.ts';
import { NoAnswer } from './kubernetes/hedged.ts';

export interface SlackAddress {
  /** A function is asked at each call: what comes from a file may have been renewed. */
  readonly token: string | (() => string);
  /** null: Slack itself. */
  readonly apiUrl: string | null;
  /** Milliseconds that one answer may take, as {@link afterAwake} counts them. */
  readonly timeoutMs?: number;
}

/** For one call. */
export const slackTimeoutMs = 10_000;

/**
 * A client that fails at once instead of retrying: the SDK's own retries post twice when an answer is lost, and its
 * wait on a rate limit holds up every other channel.
 */
export function createSlackClient({ token, apiUrl, timeoutMs = slackTimeoutMs }: SlackAddress): WebClient {
  return new WebClient(undefined, {
    // Not the SDK's own limit, which a busy machine uses up while the answer waits to be heard.
    fetch: limited(fetchWith(token), timeoutMs),
    ...(apiUrl === null ? {} : { slackApiUrl: apiUrl }),
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 0 },
    logLevel: LogLevel.ERROR,
  });
}

/** Sends each call with the token of the moment, which the SDK would keep from its start to its end. */
export function fetchWith(token: SlackAddress['token']): FetchFunction {
  return async (url, init) =>
    fetch(url, {
      ...init,
      headers: { ...init?.headers, Authorization: `Bearer ${typeof token === 'string' ? token : token()}` },
    });
}

/** Limits the time of a whole answer, and of no part of it alone. */
function limited(asking: FetchFunction, timeoutMs: number): FetchFunction {
  return async (url, init) => {
    const late = new AbortController();
    const stop = afterAwake(timeoutMs, () => late.abort(new NoAnswer()));
    try {
      const answer = await asking(url, { ...init, signal: late.signal });
      const body = new Response(await answer.arrayBuffer());
      return {
        ok: answer.ok,
        status: answer.status,
        statusText: answer.statusText,
        url: answer.url,
        headers: answer.headers,
        arrayBuffer: () => body.arrayBuffer(),
        json: () => body.json(),
        text: () => body.text(),
      };
    } finally {
      stop();
    }
  };
}
