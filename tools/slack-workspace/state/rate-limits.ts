import type { Now } from './ids.ts';

/** Calls a minute, by Slack's tiers. Methods that are not named are not limited here. */
const PER_MINUTE: Readonly<Record<string, number>> = {
  'apps.connections.open': 1,
  'chat.delete': 50,
  'chat.postEphemeral': 100,
  'chat.update': 50,
  'conversations.history': 50,
  'conversations.info': 50,
  'conversations.join': 50,
  'conversations.list': 20,
  'conversations.members': 100,
  'conversations.open': 50,
  'conversations.replies': 50,
  'files.completeUploadExternal': 100,
  'files.getUploadURLExternal': 100,
  'files.info': 100,
  'reactions.add': 50,
  'usergroups.list': 20,
  'usergroups.users.list': 20,
  'users.info': 100,
  'users.list': 20,
  'users.lookupByEmail': 50,
  'views.open': 100,
  'views.publish': 100,
  'views.push': 100,
  'views.update': 100,
};

/** Posting is limited to one a second and channel; short bursts pass, how short Slack does not say. */
const POSTS = { perSecond: 1, burst: 5 };

/** Slack's rate limits, for those who want to be held to them. */
export interface RateLimits {
  /** Counts a call. Seconds to wait when it is one too many, else null. */
  take(method: string, channel: string | undefined): number | null;
}

/** Creates full buckets. A tier's minute may be spent at once, as Slack allows. */
export function createRateLimits(now: Now): RateLimits {
  const buckets = new Map<string, { tokens: number; at: number }>();

  function spend(key: string, capacity: number, perSecond: number): number | null {
    const bucket = buckets.get(key) ?? { tokens: capacity, at: now() };
    const tokens = Math.min(capacity, bucket.tokens + ((now() - bucket.at) / 1000) * perSecond);
    const enough = tokens >= 1;
    buckets.set(key, { tokens: enough ? tokens - 1 : tokens, at: now() });
    return enough ? null : Math.max(1, Math.ceil((1 - tokens) / perSecond));
  }

  return {
    take(method, channel) {
      if (method === 'chat.postMessage') return spend(`${method} ${channel}`, POSTS.burst, POSTS.perSecond);
      const perMinute = PER_MINUTE[method];
      return perMinute === undefined ? null : spend(method, perMinute, perMinute / 60);
    },
  };
}
