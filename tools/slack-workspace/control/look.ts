import type { Entry, Json, View } from '../model.ts';
import { SlackError } from '../slack-error.ts';
import { presentMessage } from '../state/threads.ts';
import type { World } from '../state/world.ts';
import { presentFile } from '../web-api/files.ts';

/** Which messages to look at: a channel's, replies included, or one thread's. */
export interface MessageQuery {
  channel: string;
  thread_ts?: string | undefined;
  user?: string | undefined;
}

/**
 * Messages as the Web API would return them, metadata included, oldest first; with `user` that person's ephemeral ones
 * too.
 */
export function lookAtMessages(world: World, query: MessageQuery): Json[] {
  const channel = world.channels.find(query.channel);
  const user = query.user === undefined ? null : world.user(query.user).id;
  return world.messages
    .inChannel(channel.id)
    .filter((entry) => entry.ephemeralTo === null || entry.ephemeralTo === user)
    .filter(
      ({ message }) =>
        query.thread_ts === undefined || message.ts === query.thread_ts || message.thread_ts === query.thread_ts,
    )
    .map((entry) => present(world, entry));
}

function present(world: World, entry: Entry): Json {
  return { ...presentMessage(world.messages, entry, { metadata: true }), channel: entry.channel };
}

/** A user's open modals, the topmost last. */
export function lookAtViews(world: World, user: string): View[] {
  return world.views.stack(world.user(user).id);
}

/** A user's published Home tab, or null. */
export function lookAtHome(world: World, user: string): View | null {
  return world.views.home(world.user(user).id);
}

/** Files that were shared, with their content as text. */
export function lookAtFiles(world: World): Json[] {
  return [...world.files.values()]
    .filter((file) => file.complete)
    .map((file) => ({ ...presentFile(world, file), content: file.content.toString('utf8'), shared_in: file.shares }));
}

/**
 * Everything that one person sees, in one document: what the page draws. `connections`: Socket Mode's, or null for an
 * app with a request URL.
 */
export function lookAtState(world: World, name: string | undefined, connections: number | null): Json {
  const fallback = world.start.users[0];
  if (!fallback) throw new SlackError('user_not_found');
  const me = world.user(name ?? fallback.id);
  const channels = world.channels.all().filter((one) => one.members.has(me.id) || one.kind === 'public');
  return {
    version: world.changes.version(),
    me: me.id,
    team: world.start.team,
    app: world.start.app,
    users: world.users,
    usergroups: world.start.usergroups,
    commands: world.start.commands,
    shortcuts: world.start.shortcuts,
    connections,
    channels: channels.map((one) => ({ ...one, members: [...one.members] })),
    messages: channels.flatMap((one) => lookAtMessages(world, { channel: one.id, user: me.id })),
    views: lookAtViews(world, me.id),
    home: lookAtHome(world, me.id),
  };
}
