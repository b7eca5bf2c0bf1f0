import type { Entry, Message } from '../model.ts';
import type { Messages } from './messages.ts';

/** Whether a message shows in the channel itself, not only in a thread. */
export function isTopLevel(message: Message): boolean {
  return message.thread_ts === undefined || message.thread_ts === message.ts || message.subtype === 'thread_broadcast';
}

/** The replies of a thread that everyone sees, oldest first. */
export function repliesOf(messages: Messages, channel: string, parentTs: string): Entry[] {
  return messages
    .inChannel(channel)
    .filter(
      ({ ephemeralTo, message }) => ephemeralTo === null && message.thread_ts === parentTs && message.ts !== parentTs,
    );
}

/**
 * A message as the Web API returns it: a parent carries the figures of its thread,
 * and metadata only goes to who asked for it.
 */
export function presentMessage(
  messages: Messages,
  entry: Entry,
  options: { metadata: boolean },
): Message & Record<string, unknown> {
  const { metadata, ...rest } = entry.message;
  const shown: Message & Record<string, unknown> = options.metadata && metadata ? { ...rest, metadata } : rest;
  const replies = repliesOf(messages, entry.channel, entry.message.ts);
  if (replies.length === 0) return shown;
  const authors = [...new Set(replies.map(({ message }) => message.user ?? message.bot_id ?? ''))];
  return {
    ...shown,
    thread_ts: entry.message.ts,
    reply_count: replies.length,
    reply_users_count: authors.length,
    reply_users: authors,
    latest_reply: replies.at(-1)?.message.ts,
    is_locked: false,
    subscribed: false,
  };
}
