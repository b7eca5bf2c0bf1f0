/** The port to a conversation, on Slack's Web API. */
import type { Block, WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { Clock } from '../model/ports.ts';
import { ThreadError, type KeyedMessage, type MessageBlock, type StandingPlace, type Thread } from '../model/thread.ts';
import { createSlackPace, type PaceOptions } from './slack-pace.ts';
import { goneCodes, refusalCode, threadErrorOf } from './slack-trouble.ts';

/** About a message a second a channel; short bursts are tolerated. */
const posting: PaceOptions = { burst: 8, everyMs: 1100 };
/** chat.update allows some 50 a minute over all messages. */
const editing: PaceOptions = { burst: 15, everyMs: 1250 };
const eventType = 'calico_chatops_message';
/** Messages looked through for a lost one: it was posted moments ago. */
const lookedThrough = 200;

const posted = z.object({
  channel: z.string(),
  ts: z.string(),
  message: z.object({ thread_ts: z.string().optional() }).optional(),
});
const found = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      metadata: z.object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) }).optional(),
    }),
  ),
});

/** Slack makes no links of addresses and names in the text beside the blocks. */
export const asItIs = { parse: 'none', link_names: false } as const;

export interface SlackThreadOptions {
  /** One that retries nothing by itself: see createSlackClient. */
  readonly client: WebClient;
  readonly clock: Clock;
}

export function createSlackThread({ client, clock }: SlackThreadOptions): Thread {
  const pace = createSlackPace(clock);
  const paceKey = { post: (channel: string) => `post ${channel}`, edit: () => 'edit' } as const;

  async function call<T>(key: string, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      const trouble = threadErrorOf(error);
      if (trouble instanceof ThreadError && trouble.trouble === 'limited') pace.holdBack(key, trouble.retryAfterMs);
      throw trouble;
    }
  }

  /** Where the first message of the thread was deleted, Slack posts in the channel and says no thread, or refuses. */
  async function postOnce(message: KeyedMessage): Promise<StandingPlace> {
    try {
      return await postAsAsked(message);
    } catch (error) {
      if (message.thread === null || !goneCodes.has(refusalCode(error) ?? '')) throw error;
      return postAsAsked({ ...message, thread: null });
    }
  }

  async function postAsAsked({ channel, thread, key, content }: KeyedMessage): Promise<StandingPlace> {
    const answer = posted.parse(
      await client.chat.postMessage({
        channel,
        text: content.text,
        blocks: blocksOf(content.blocks),
        metadata: metadataOf(key),
        ...asItIs,
        mrkdwn: false,
        unfurl_links: false,
        unfurl_media: false,
        ...(thread === null ? {} : { thread_ts: thread }),
      }),
    );
    const stands = answer.message ? (answer.message.thread_ts ?? null) : thread;
    return { channel: answer.channel, ts: answer.ts, thread: thread === null ? null : stands };
  }

  /** Messages in a thread; null: that thread is not there. */
  async function repliesOf(options: { channel: string; ts: string; limit: number; include_all_metadata: boolean }) {
    try {
      return found.parse(await client.conversations.replies(options)).messages;
    } catch (error) {
      if (goneCodes.has(refusalCode(error) ?? '')) return null;
      throw error;
    }
  }

  return {
    async pace(what, channel, signal) {
      if (what === 'post') return pace.take(paceKey.post(channel), posting, signal);
      await Promise.all([
        pace.take(paceKey.edit(), editing, signal),
        pace.take(`edit ${channel}`, { burst: 100, everyMs: 100 }, signal),
      ]);
    },
    post: (message) =>
      call(paceKey.post(message.channel), async () => {
        try {
          return await postOnce(message);
        } catch (error) {
          // A public channel may be joined; a private one needs an invitation.
          if (refusalCode(error) !== 'not_in_channel') throw error;
          const joined = await client.conversations
            .join({ channel: await channelId(client, message.channel) })
            .catch(() => null);
          if (!joined) throw error;
          return postOnce(message);
        }
      }),
    async edit({ channel, ts }, { key, content }) {
      await call(`edit ${channel}`, () =>
        client.chat.update({
          channel,
          ts,
          text: content.text,
          blocks: blocksOf(content.blocks),
          metadata: metadataOf(key),
          ...asItIs,
        }),
      );
    },
    find: ({ channel, thread, key }) =>
      call(`find ${channel}`, async () => {
        const id = await channelId(client, channel);
        const options = { channel: id, limit: lookedThrough, include_all_metadata: true };
        const replies = thread === null ? null : await repliesOf({ ...options, limit: 1000, ts: thread });
        const messages = replies ?? found.parse(await client.conversations.history(options)).messages;
        const message = messages.find(
          ({ metadata }) => metadata?.event_type === eventType && metadata.event_payload['key'] === key,
        );
        return message ? { channel: id, ts: message.ts, thread: replies === null ? null : thread } : null;
      }),
    async remove({ channel, ts }) {
      await call(`edit ${channel}`, () => client.chat.delete({ channel, ts }));
    },
    async share({ channel, thread, name, title, alt, content }) {
      await call(`share ${channel}`, () =>
        client.files.uploadV2({
          channel_id: channel,
          thread_ts: thread,
          filename: name,
          title,
          ...(alt === undefined ? {} : { alt_text: alt }),
          ...(typeof content === 'string' ? { content } : { file: Buffer.from(content) }),
        }),
      );
    },
  };
}

function metadataOf(key: string) {
  return { event_type: eventType, event_payload: { key } };
}

function blocksOf(blocks: readonly MessageBlock[]): Block[] {
  return blocks.map((block) => ({ ...block }));
}

/** @throws ThreadError `refused` when no channel has this name. */
export async function channelId(client: WebClient, channel: string): Promise<string> {
  if (/^[CDG][A-Z0-9]{4,}$/.test(channel)) return channel;
  const name = channel.replace(/^#/, '');
  for await (const page of client.paginate('conversations.list', {
    limit: 200,
    exclude_archived: true,
    types: 'public_channel',
  })) {
    const { channels } = z
      .object({ channels: z.array(z.object({ id: z.string(), name: z.string().optional() })) })
      .parse(page);
    const id = channels.find((one) => one.name === name)?.id;
    if (id !== undefined) return id;
  }
  throw new ThreadError('refused', `there is no public channel ${name}`);
}
