import type { WebClient } from '@slack/web-api';
import type { MessageLinks } from '../model/thread.ts';

/** A list of runs is short; a bot that runs for months must not keep every address. */
const mostKept = 500;

/** Addresses of messages, as Slack gives them. One that was given is kept: it does not change. */
export function createMessageLinks({ client }: { readonly client: WebClient }): MessageLinks {
  const known = new Map<string, string>();
  return async ({ channel, ts }) => {
    const key = `${channel} ${ts}`;
    const kept = known.get(key);
    if (kept !== undefined) return kept;
    // People read the same without a link.
    const answer = await client.chat.getPermalink({ channel, message_ts: ts }).catch(() => null);
    const link = answer?.permalink ?? null;
    if (link === null) return null;
    known.set(key, link);
    const [oldest] = known.keys();
    if (known.size > mostKept && oldest !== undefined) known.delete(oldest);
    return link;
  };
}
