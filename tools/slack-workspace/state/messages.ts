import type { Entry, Message } from '../model.ts';
import type { Changes } from './changes.ts';

/** Every message of the workspace, in the order of their timestamps. */
export interface Messages {
  add(channel: string, message: Message, ephemeralTo?: string | null): Entry;
  find(channel: string, ts: string): Entry | undefined;
  replace(entry: Entry, message: Message): void;
  remove(entry: Entry): void;
  /** Everything in a channel, replies and ephemeral messages included. */
  inChannel(channel: string): Entry[];
}

/** Creates an empty message store. */
export function createMessages(changes: Changes): Messages {
  const entries: Entry[] = [];

  function announce(entry: Entry): void {
    changes.announce({ kind: 'message', channel: entry.channel, ts: entry.message.ts });
  }

  return {
    add(channel, message, ephemeralTo = null) {
      const entry = { channel, ephemeralTo, message };
      entries.push(entry);
      announce(entry);
      return entry;
    },
    find: (channel, ts) => entries.find((entry) => entry.channel === channel && entry.message.ts === ts),
    replace(entry, message) {
      entry.message = message;
      announce(entry);
    },
    remove(entry) {
      entries.splice(entries.indexOf(entry), 1);
      announce(entry);
    },
    inChannel: (channel) => entries.filter((entry) => entry.channel === channel),
  };
}
