import { checkAttachments, checkMessageBlocks } from '../block-kit/check-blocks.ts';
import type { Message } from '../model.ts';
import { SlackError } from '../slack-error.ts';
import { newId } from '../state/ids.ts';
import { inThread } from '../web-api/message-content.ts';
import { person, type Session } from './session.ts';

/** A person writes, or another app does (`bot` is the name it shows). */
export interface PostInput {
  user?: string | undefined;
  bot?: string | undefined;
  /** Id of that app's bot; not given: one of its own for each message. */
  bot_id?: string | undefined;
  channel: string;
  text: string;
  blocks?: unknown;
  attachments?: unknown;
  thread_ts?: string | undefined;
}

/** Posts a message that is not the app's own, and tells the app of it. */
export function post({ world, events }: Session, input: PostInput): { channel: string; ts: string } {
  if ((input.user === undefined) === (input.bot === undefined))
    throw new SlackError('invalid_arguments', ['give either user or bot']);
  const author = input.user === undefined ? null : person(world, input.user);
  const channel = author ? world.channels.findOrOpen(input.channel) : world.channels.find(input.channel);
  if (author && !channel.members.has(author.id)) throw new SlackError('not_in_channel');
  const message: Message = {
    type: 'message',
    ts: world.nextTs(),
    text: author ? linkNames(world, input.text) : input.text,
    team: world.start.team.id,
    ...(author
      ? { user: author.id }
      : { subtype: 'bot_message', username: input.bot ?? '', bot_id: input.bot_id ?? newId('B') }),
    ...(input.blocks === undefined ? {} : { blocks: checkMessageBlocks(input.blocks) }),
    ...(input.attachments === undefined ? {} : { attachments: checkAttachments(input.attachments) }),
  };
  const entry = world.messages.add(channel.id, inThread(world, channel.id, message, input.thread_ts));
  events.messagePosted(entry);
  return { channel: channel.id, ts: message.ts };
}

/** What a person types as `@name` reaches apps as `<@ID>`. */
function linkNames(world: Session['world'], text: string): string {
  return text.replaceAll(/(?<![\w<])@([\w.-]+)/g, (whole, name: string) => {
    const user = world.users.find((one) => one.name === name);
    const group = world.start.usergroups.find((one) => one.handle === name);
    return user ? `<@${user.id}>` : group ? `<!subteam^${group.id}>` : whole;
  });
}
