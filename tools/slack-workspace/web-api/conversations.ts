import type { Channel, Entry, Json } from '../model.ts';
import { SlackError } from '../slack-error.ts';
import { isTopLevel, presentMessage, repliesOf } from '../state/threads.ts';
import type { World } from '../state/world.ts';
import type { Args } from './args.ts';
import { needChannelScope, needMembership, needScope, type Method } from './method.ts';
import { pageOf } from './page-of.ts';

function presentChannel(world: World, channel: Channel): Json {
  const isMember = channel.members.has(world.start.app.bot_user_id);
  const shared = {
    id: channel.id,
    created: channel.created,
    is_archived: channel.archived,
    is_im: channel.kind === 'im',
  };
  if (channel.kind === 'im') return { ...shared, user: channel.name, is_user_deleted: false };
  return {
    ...shared,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: true,
    is_group: false,
    is_mpim: false,
    is_private: channel.kind === 'private',
    is_member: isMember,
    is_general: channel.name === 'general',
    creator: [...channel.members][0] ?? '',
    num_members: channel.members.size,
    topic: { value: '', creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
  };
}

/** A channel that the app may read messages of. */
function readable(world: World, args: Args): Channel {
  const channel = world.channels.find(args.text('channel') ?? '');
  needChannelScope(world, channel, 'history');
  needMembership(world, channel);
  return channel;
}

function withinTimes(args: Args): (entry: Entry) => boolean {
  const oldest = Number(args.text('oldest') ?? 0);
  const latest = Number(args.text('latest') ?? Number.POSITIVE_INFINITY);
  if (Number.isNaN(oldest)) throw new SlackError('invalid_ts_oldest');
  if (Number.isNaN(latest)) throw new SlackError('invalid_ts_latest');
  const inclusive = args.flag('inclusive');
  return ({ message }) => {
    const ts = Number(message.ts);
    return inclusive ? ts >= oldest && ts <= latest : ts > oldest && ts < latest;
  };
}

/** Metadata is for who asks for it and was granted `metadata.message:read`. */
function wantsMetadata(world: World, args: Args): boolean {
  return args.flag('include_all_metadata') && world.start.scopes.includes('metadata.message:read');
}

const history: Method = {
  token: 'bot',
  scope: null,
  run({ args, world }) {
    const channel = readable(world, args);
    const entries = world.messages
      .inChannel(channel.id)
      .filter((entry) => entry.ephemeralTo === null && isTopLevel(entry.message))
      .filter(withinTimes(args))
      .toReversed();
    const page = pageOf(entries, args, 100, 999);
    const metadata = wantsMetadata(world, args);
    return {
      messages: page.items.map((entry) => presentMessage(world.messages, entry, { metadata })),
      has_more: page.hasMore,
      pin_count: 0,
      response_metadata: page.metadata,
    };
  },
};

const replies: Method = {
  token: 'bot',
  scope: null,
  run({ args, world }) {
    const channel = readable(world, args);
    const asked = world.messages.find(channel.id, args.required('ts'));
    if (!asked || asked.ephemeralTo !== null) throw new SlackError('thread_not_found');
    const parentTs = asked.message.thread_ts ?? asked.message.ts;
    const parent = world.messages.find(channel.id, parentTs);
    if (!parent) throw new SlackError('thread_not_found');
    // The parent comes first whatever the times are.
    const thread = [parent, ...repliesOf(world.messages, channel.id, parentTs).filter(withinTimes(args))];
    const page = pageOf(thread, args, 1000, 1000);
    const metadata = wantsMetadata(world, args);
    return {
      messages: page.items.map((entry) => presentMessage(world.messages, entry, { metadata })),
      has_more: page.hasMore,
      response_metadata: page.metadata,
    };
  },
};

const info: Method = {
  token: 'bot',
  scope: null,
  run({ args, world }) {
    const channel = world.channels.find(args.text('channel') ?? '');
    needChannelScope(world, channel, 'read');
    if (channel.kind !== 'public') needMembership(world, channel);
    return { channel: presentChannel(world, channel) };
  },
};

const list: Method = {
  token: 'bot',
  scope: null,
  run({ args, world }) {
    const types = (args.text('types') ?? 'public_channel').split(',');
    const kinds = { public_channel: 'public', private_channel: 'private', im: 'im' } as const;
    const scopes = { public_channel: 'channels:read', private_channel: 'groups:read', im: 'im:read' } as const;
    const wanted = types.filter((type): type is keyof typeof kinds => type in kinds);
    if (wanted.length === 0 && !types.includes('mpim')) throw new SlackError('invalid_types');
    for (const type of wanted) needScope(world, scopes[type]);
    const bot = world.start.app.bot_user_id;
    const channels = world.channels
      .all()
      .filter((one) => wanted.some((type) => kinds[type] === one.kind))
      .filter((one) => one.kind === 'public' || one.members.has(bot))
      .filter((one) => !(args.flag('exclude_archived') && one.archived));
    const page = pageOf(channels, args, 100, 999);
    return { channels: page.items.map((one) => presentChannel(world, one)), response_metadata: page.metadata };
  },
};

const join: Method = {
  token: 'bot',
  scope: 'channels:join',
  run({ args, world }) {
    const channel = world.channels.find(args.text('channel') ?? '');
    if (channel.kind !== 'public') throw new SlackError('method_not_supported_for_channel_type');
    if (channel.archived) throw new SlackError('is_archived');
    const bot = world.start.app.bot_user_id;
    const already = channel.members.has(bot);
    world.channels.join(channel, bot);
    return {
      channel: presentChannel(world, channel),
      ...(already ? { warning: 'already_in_channel', response_metadata: { warnings: ['already_in_channel'] } } : {}),
    };
  },
};

const members: Method = {
  token: 'bot',
  scope: null,
  run({ args, world }) {
    const channel = world.channels.find(args.text('channel') ?? '');
    needChannelScope(world, channel, 'read');
    if (channel.kind !== 'public') needMembership(world, channel);
    const page = pageOf([...channel.members], args, 100, 999);
    return { members: page.items, response_metadata: page.metadata };
  },
};

const open: Method = {
  token: 'bot',
  scope: 'im:write',
  run({ args, world }) {
    const users = (args.text('users') ?? '').split(',').filter(Boolean);
    if (users.length > 1)
      throw new SlackError('method_not_supported_for_channel_type', [
        'group messages are not offered by this workspace',
      ]);
    const channel =
      users[0] === undefined ? world.channels.find(args.required('channel')) : world.channels.openDirect(users[0]);
    return { channel: args.flag('return_im') ? presentChannel(world, channel) : { id: channel.id } };
  },
};

/** The conversations.* methods. */
export const conversationMethods: Record<string, Method> = {
  'conversations.history': history,
  'conversations.replies': replies,
  'conversations.info': info,
  'conversations.list': list,
  'conversations.join': join,
  'conversations.members': members,
  'conversations.open': open,
};
