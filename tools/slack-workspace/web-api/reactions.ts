import { SlackError } from '../slack-error.ts';
import { needMembership, type Method } from './method.ts';

const add: Method = {
  token: 'bot',
  scope: 'reactions:write',
  run({ args, world }) {
    const channel = world.channels.find(args.text('channel') ?? '');
    needMembership(world, channel);
    const name = args.required('name');
    if (!/^[a-z0-9_+'-]+(::skin-tone-[2-6])?$/.test(name)) throw new SlackError('invalid_name');
    const entry = world.messages.find(channel.id, args.required('timestamp'));
    if (!entry || entry.ephemeralTo !== null) throw new SlackError('message_not_found');
    const user = world.start.app.bot_user_id;
    const others = entry.message.reactions ?? [];
    const known = others.find((one) => one.name === name);
    if (known?.users.includes(user)) throw new SlackError('already_reacted');
    const users = [...(known?.users ?? []), user];
    const reactions = [...others.filter((one) => one.name !== name), { name, users, count: users.length }];
    world.messages.replace(entry, { ...entry.message, reactions });
    return {};
  },
};

/** The reactions.* methods. */
export const reactionMethods: Record<string, Method> = { 'reactions.add': add };
