import { LogLevel, WebClient } from '@slack/web-api';

export interface SlackAddress {
  readonly token: string;
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
  return new WebClient(token, {
    ...(apiUrl === null ? {} : { slackApiUrl: apiUrl }),
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 0 },
    timeout: slackTimeoutMs,
    logLevel: LogLevel.ERROR,
  });
}
