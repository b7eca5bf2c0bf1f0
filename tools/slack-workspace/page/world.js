/** What the person sees, as `/_control/state` tells it; replaced at every change. */
export let world = null;

/** Takes over a new state. */
export function setWorld(state) {
  world = state;
}

/** The user of an id, or undefined. */
export const userOf = (id) => world.users.find((one) => one.id === id);

/** The channel of an id, or undefined. */
export const channelOf = (id) => world.channels.find((one) => one.id === id);

/** How a channel is called for this person; a direct message is called after the other one. */
export function channelTitle(channel) {
  if (channel.kind !== 'im') return channel.name;
  const other = channel.members.find((id) => id !== world.me) ?? world.me;
  return userOf(other)?.real_name ?? channel.name;
}

/** Messages that show in the channel itself. */
export const topLevel = (channel) =>
  world.messages.filter(
    (one) =>
      one.channel === channel &&
      (one.thread_ts === undefined || one.thread_ts === one.ts || one.subtype === 'thread_broadcast'),
  );

/** A thread: its parent and replies. */
export const threadOf = (channel, ts) =>
  world.messages.filter((one) => one.channel === channel && (one.ts === ts || one.thread_ts === ts));
