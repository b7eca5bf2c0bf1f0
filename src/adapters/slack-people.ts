import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { Clock } from '../model/ports.ts';
import { ThreadError, type UserGroups, type Whisper } from '../model/thread.ts';
import { asItIs } from './slack-thread.ts';
import { threadErrorOf } from './slack-trouble.ts';

const groupList = z.object({ usergroups: z.array(z.object({ id: z.string(), handle: z.string() })) });
const memberList = z.object({ users: z.array(z.string()) });

/** Members of user groups. What was read last is remembered for those whom an older answer serves. */
export function createUserGroups({ client, clock }: { readonly client: WebClient; readonly clock: Clock }): UserGroups {
  const known = new Map<string, { readonly at: number; readonly members: readonly string[] }>();
  return {
    async members(group, atMostMs) {
      const now = clock.now().getTime();
      const remembered = known.get(group);
      if (remembered && now - remembered.at < atMostMs) return remembered.members;
      try {
        const usergroup = group.startsWith('@') ? await idOfHandle(client, group.slice(1)) : group;
        const members = memberList.parse(await client.usergroups.users.list({ usergroup })).users;
        known.set(group, { at: now, members });
        return members;
      } catch (error) {
        throw threadErrorOf(error);
      }
    },
    ids: (named) =>
      Promise.all(
        named.map(async (one) => (one.startsWith('@') ? idOfHandle(client, one.slice(1)).catch(() => one) : one)),
      ),
  };
}

async function idOfHandle(client: WebClient, handle: string): Promise<string> {
  const found = groupList.parse(await client.usergroups.list()).usergroups.find((group) => group.handle === handle);
  if (!found) throw new ThreadError('refused', `there is no user group @${handle}`);
  return found.id;
}

export function createWhisper({ client }: { readonly client: WebClient }): Whisper {
  return {
    async whisper({ user, channel, thread }, { text, blocks }) {
      try {
        await client.chat.postEphemeral({
          user,
          channel,
          text,
          blocks: blocks.map((block) => ({ ...block })),
          ...asItIs,
          ...(thread === null ? {} : { thread_ts: thread }),
        });
      } catch (error) {
        throw threadErrorOf(error);
      }
    },
  };
}
