import type { Channel, Entry, Message } from '../model.ts';
import { SlackError } from '../slack-error.ts';
import { presentMessage } from '../state/threads.ts';
import type { World } from '../state/world.ts';
import type { Args } from './args.ts';
import { botMessage, inThread, readContent, readThreadTs } from './message-content.ts';
import { needMembership, needScope, type Method } from './method.ts';
import { removeMessage } from './remove-message.ts';

/** chat.update refuses a longer text, where chat.postMessage would cut it. */
const UPDATE_TEXT_CHARACTERS = 4000;

function postable(world: World, channel: Channel): void {
  if (channel.archived) throw new SlackError('is_archived');
  if (channel.kind === 'public' && world.start.scopes.includes('chat:write.public')) return;
  needMembership(world, channel);
}

const postMessage: Method = {
  token: 'bot',
  scope: 'chat:write',
  run({ args, world, events }) {
    const channel = world.channels.findOrOpen(args.text('channel') ?? '');
    postable(world, channel);
    const threadTs = readThreadTs(args);
    const content = readContent(args, world);
    const customised = customAuthor(world, args);
    const message: Message = { ...inThread(world, channel.id, botMessage(world, content), threadTs), ...customised };
    if (threadTs !== undefined && args.flag('reply_broadcast')) message.subtype = 'thread_broadcast';
    const entry = world.messages.add(channel.id, message);
    events.messagePosted(entry);
    return { channel: channel.id, ts: message.ts, message: presentMessage(world.messages, entry, { metadata: true }) };
  },
};

function customAuthor(world: World, args: Args): Partial<Message> {
  const username = args.text('username');
  if (username === undefined) return {};
  needScope(world, 'chat:write.customize');
  return { username };
}

/** The app's own message. Throws `message_not_found` or the refusal for a foreign one. */
function ownMessage(world: World, args: Args, refusal: string): { channel: Channel; entry: Entry } {
  const channel = world.channels.find(args.text('channel') ?? '');
  const entry = world.messages.find(channel.id, args.required('ts'));
  if (!entry || entry.ephemeralTo !== null) throw new SlackError('message_not_found');
  if (entry.message.bot_id !== world.start.app.bot_id) throw new SlackError(refusal);
  return { channel, entry };
}

const update: Method = {
  token: 'bot',
  scope: 'chat:write',
  run({ args, world, events }) {
    const { channel, entry } = ownMessage(world, args, 'cant_update_message');
    const content = readContent(args, world);
    if ((content.text?.length ?? 0) > UPDATE_TEXT_CHARACTERS) throw new SlackError('msg_too_long');
    const before = entry.message;
    const message: Message = { ...before };
    if (content.text !== undefined) {
      message.text = content.text;
      message.edited = { user: world.start.app.bot_user_id, ts: world.nextTs() };
      // A text without blocks stands for itself: the old blocks go.
      if (content.blocks === undefined) delete message.blocks;
    }
    if (content.blocks !== undefined) message.blocks = content.blocks;
    if (content.attachments !== undefined) message.attachments = content.attachments;
    if (content.metadata === null) delete message.metadata;
    else if (content.metadata !== undefined) message.metadata = content.metadata;
    if (args.flag('reply_broadcast') && message.thread_ts !== undefined) message.subtype = 'thread_broadcast';
    world.messages.replace(entry, message);
    events.messageChanged(entry, before);
    return {
      channel: channel.id,
      ts: message.ts,
      text: message.text,
      message: presentMessage(world.messages, entry, { metadata: true }),
    };
  },
};

const remove: Method = {
  token: 'bot',
  scope: 'chat:write',
  run({ args, world, events }) {
    const { channel, entry } = ownMessage(world, args, 'cant_delete_message');
    removeMessage(world, events, entry);
    return { channel: channel.id, ts: entry.message.ts };
  },
};

const postEphemeral: Method = {
  token: 'bot',
  scope: 'chat:write',
  run({ args, world }) {
    const channel = world.channels.find(args.text('channel') ?? '');
    postable(world, channel);
    const user = args.required('user');
    if (!channel.members.has(user)) throw new SlackError('user_not_in_channel');
    const message = inThread(world, channel.id, botMessage(world, readContent(args, world)), readThreadTs(args));
    const entry = world.messages.add(channel.id, { ...message, is_ephemeral: true }, user);
    return { message_ts: entry.message.ts };
  },
};

const getPermalink: Method = {
  token: 'bot',
  scope: null,
  run({ args, world }) {
    const channel = world.channels.find(args.text('channel') ?? '');
    const entry = world.messages.find(channel.id, args.required('message_ts'));
    if (!entry || entry.ephemeralTo !== null) throw new SlackError('message_not_found');
    return { channel: channel.id, permalink: permalink(world, entry) };
  },
};

function permalink(world: World, { channel, message }: Entry): string {
  const thread =
    message.thread_ts === undefined || message.thread_ts === message.ts
      ? ''
      : `?thread_ts=${message.thread_ts}&cid=${channel}`;
  return `${world.origin}/archives/${channel}/p${message.ts.replace('.', '')}${thread}`;
}

/** The chat.* methods. */
export const chatMethods: Record<string, Method> = {
  'chat.postMessage': postMessage,
  'chat.update': update,
  'chat.delete': remove,
  'chat.postEphemeral': postEphemeral,
  'chat.getPermalink': getPermalink,
};
