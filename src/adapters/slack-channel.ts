/** Whether the bot may post to a channel, asked before something is taken that has to be told there. */
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { ThreadError, type ChannelCheck } from '../model/thread.ts';
import { channelId } from './slack-thread.ts';
import { refusalCode, threadErrorOf } from './slack-trouble.ts';

const info = z.object({
  channel: z.object({ is_archived: z.boolean().default(false), is_member: z.boolean().default(true) }),
});

/** A public channel that the bot is not in is joined. What Slack does not answer now is no reason against it. */
export function createChannelCheck({ client }: { readonly client: WebClient }): ChannelCheck {
  return async (channel) => {
    try {
      const id = await channelId(client, channel);
      await enter(client, id);
      return null;
    } catch (error) {
      const trouble = threadErrorOf(error);
      return trouble instanceof ThreadError && trouble.trouble === 'refused' ? trouble.message : null;
    }
  };
}

async function enter(client: WebClient, channel: string): Promise<void> {
  try {
    const { channel: found } = info.parse(await client.conversations.info({ channel }));
    if (found.is_archived) throw new ThreadError('refused', 'Slack: is_archived');
    if (!found.is_member) await client.conversations.join({ channel });
  } catch (error) {
    // The bot may not ask about private channels: it may read one that it is in.
    if (refusalCode(error) !== 'missing_scope') throw error;
    await client.conversations.history({ channel, limit: 1 });
  }
}
