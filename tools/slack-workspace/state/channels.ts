import type { Channel } from '../model.ts';
import { SlackError } from '../slack-error.ts';
import type { Start } from '../start-file.ts';
import type { Changes } from './changes.ts';
import { newId, type Now } from './ids.ts';

/** Channels and direct messages, and who is in them. */
export interface Channels {
  all(): Channel[];
  /** By id, `#name` or bare name. Throws `channel_not_found`. */
  find(nameOrId: string): Channel;
  /** As `find`, but a user id opens (or finds) the app's direct message with that user, as chat.postMessage does. */
  findOrOpen(nameOrId: string): Channel;
  openDirect(user: string): Channel;
  join(channel: Channel, user: string): void;
}

/** Creates the channels of the start file. */
export function createChannels(start: Start, changes: Changes, now: Now): Channels {
  const created = Math.floor(now() / 1000);
  const channels: Channel[] = start.channels.map((one) => ({
    id: one.id,
    name: one.name,
    kind: one.is_private ? 'private' : 'public',
    archived: one.is_archived,
    members: new Set(one.members),
    created,
  }));

  function find(nameOrId: string): Channel {
    const name = nameOrId.replace(/^#/, '');
    const channel = channels.find((one) => one.id === nameOrId || (one.kind !== 'im' && one.name === name));
    if (!channel) throw new SlackError('channel_not_found');
    return channel;
  }

  function openDirect(user: string): Channel {
    if (!start.users.some((one) => one.id === user)) throw new SlackError('user_not_found');
    const known = channels.find((one) => one.kind === 'im' && one.members.has(user));
    if (known) return known;
    const channel: Channel = {
      id: newId('D'),
      name: user,
      kind: 'im',
      archived: false,
      members: new Set([user, start.app.bot_user_id]),
      created: Math.floor(now() / 1000),
    };
    channels.push(channel);
    changes.announce({ kind: 'channel', channel: channel.id });
    return channel;
  }

  return {
    all: () => [...channels],
    find,
    findOrOpen: (nameOrId) => (start.users.some((one) => one.id === nameOrId) ? openDirect(nameOrId) : find(nameOrId)),
    openDirect,
    join(channel, user) {
      channel.members.add(user);
      changes.announce({ kind: 'channel', channel: channel.id });
    },
  };
}
