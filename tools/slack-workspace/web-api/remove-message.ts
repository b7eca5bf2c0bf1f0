import type { Events } from '../delivery/events.ts';
import type { Entry } from '../model.ts';
import { repliesOf } from '../state/threads.ts';
import type { World } from '../state/world.ts';

/** Deletes a message, and tells the app. While its thread has replies, a tombstone is left for them. */
export function removeMessage(world: World, events: Events, entry: Entry): void {
  events.messageDeleted(entry);
  const { ts } = entry.message;
  if (repliesOf(world.messages, entry.channel, ts).length === 0) return world.messages.remove(entry);
  world.messages.replace(entry, {
    type: 'message',
    subtype: 'tombstone',
    user: 'USLACKBOT',
    ts,
    thread_ts: ts,
    text: 'This message was deleted.',
  });
}
