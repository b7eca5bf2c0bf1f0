import { LogLevel, WebClient, type FetchFunction } from '@slack/web-api';

export interface SlackAddress {
  /** A function is asked at each call: what comes from a file may have been renewed. */
  readonly token: string | (() => string);
  /** null: Slack itself. */
  readonly apiUrl: string | null;
}

/** For one call. */
export const slackTimeoutMs = 10_000;

/**
 * A client that fails at once instead of retrying: the SDK's own retries post twice when an answer is lost, and its
 * wait on a rate limit holds up every other channel.
 */
export function createSlackClient({ token, apiUrl }: SlackAddress): WebClient {
  return new WebClient(undefined, {
    fetch: fetchWith(token),
    ...(apiUrl === null ? {} : { slackApiUrl: apiUrl }),
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 0 },
    timeout: slackTimeoutMs,
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
