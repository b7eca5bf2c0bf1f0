import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import { tokenRefusals } from '../model/slack-setup.ts';
import { ThreadError } from '../model/thread.ts';

/** Errors after which Slack may have carried out the call. */
const unsure = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
]);

/** What Slack calls a message, or the first message of a thread, that was deleted. */
export const goneCodes: ReadonlySet<string> = new Set(['message_not_found', 'thread_not_found']);

/** What a failed call of Slack's Web API means for the message; anything else is given back as it is. */
export function threadErrorOf(error: unknown): unknown {
  if (error instanceof WebAPIRateLimitedError)
    return new ThreadError('limited', 'Slack asks to wait', { cause: error, retryAfterMs: error.retryAfter * 1000 });
  if (error instanceof WebAPIRequestError)
    return new ThreadError('unknown', `Slack did not answer: ${error.original.message}`, { cause: error });
  if (error instanceof WebAPIHTTPError)
    return new ThreadError(
      error.statusCode >= 500 ? 'unknown' : 'refused',
      `Slack answered with status ${error.statusCode}`,
      { cause: error },
    );
  if (!(error instanceof WebAPIPlatformError)) return error;
  const code = error.data.error;
  if (goneCodes.has(code)) return new ThreadError('gone', `Slack: ${code}`, { cause: error });
  if (code === 'ratelimited' || code === 'rate_limited')
    return new ThreadError('limited', 'Slack asks to wait', { cause: error, retryAfterMs: 1000 });
  if (tokenRefusals.has(code)) return new ThreadError('locked-out', `Slack: ${code}`, { cause: error });
  const details = error.data.response_metadata?.messages?.join(', ');
  return new ThreadError(unsure.has(code) ? 'unknown' : 'refused', `Slack: ${code}${details ? ` (${details})` : ''}`, {
    cause: error,
  });
}

/** The code with which Slack refused; null for any other error. */
export function refusalCode(error: unknown): string | null {
  return error instanceof WebAPIPlatformError ? error.data.error : null;
}
