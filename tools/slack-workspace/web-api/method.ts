import type { Events } from '../delivery/events.ts';
import type { Channel, Json } from '../model.ts';
import { SlackError } from '../slack-error.ts';
import type { World } from '../state/world.ts';
import type { Args } from './args.ts';

/** What a Web API method works with. */
interface Call {
  args: Args;
  world: World;
  events: Events;
}

/** A Web API method. `scope` is what the token needs; further scopes may depend on the channel (see `needScope`). */
export interface Method {
  token: 'bot' | 'app';
  scope: string | null;
  /** Answers without `ok`, or throws a SlackError. */
  run: (call: Call) => Json;
}

/** Throws `missing_scope` unless the app was granted the scope. */
export function needScope(world: World, scope: string): void {
  if (world.start.scopes.includes(scope)) return;
  throw new SlackError('missing_scope', [], { needed: scope, provided: world.start.scopes.join(',') });
}

const scopePrefix = { public: 'channels', private: 'groups', im: 'im' } as const;

/** The scope that lets an app see a channel (`read`) or its messages (`history`). Throws `missing_scope`. */
export function needChannelScope(world: World, channel: Channel, right: 'read' | 'history'): void {
  needScope(world, `${scopePrefix[channel.kind]}:${right}`);
}

/** Throws `not_in_channel` for a public channel without the app; others are not even found. */
export function needMembership(world: World, channel: Channel): void {
  if (channel.members.has(world.start.app.bot_user_id)) return;
  throw new SlackError(channel.kind === 'public' ? 'not_in_channel' : 'channel_not_found');
}
