import type { Entry, Json, Message } from '../model.ts';
import { newId } from '../state/ids.ts';
import type { World } from '../state/world.ts';
import type { Transport } from './envelope.ts';

/** Slack repeats an event that was not acknowledged: almost at once, after a minute, after five. */
const RETRY_DELAYS_MS = [0, 60_000, 300_000] as const;

/** Tells the app what happened, where it subscribed to that and may see it. Delivery goes on in the background. */
export interface Events {
  messagePosted(entry: Entry): void;
  messageChanged(entry: Entry, before: Message): void;
  /** To be told before the message goes: the event carries what it was. */
  messageDeleted(entry: Entry): void;
  appHomeOpened(user: string): void;
  stop(): void;
}

/** Creates the Events API of a workspace. */
export function createEvents(
  world: World,
  transport: Transport,
  retryDelaysMs: readonly number[] = RETRY_DELAYS_MS,
): Events {
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;

  function emit(subscription: string, event: Json): void {
    if (!world.start.events.includes(subscription)) return;
    void deliver(eventCallback(world, event), 0, '');
  }

  async function deliver(payload: Json, attempt: number, reason: string): Promise<void> {
    const answer = await transport.send({
      type: 'events_api',
      payload,
      retry: attempt === 0 ? null : { attempt, reason },
    });
    const delay = retryDelaysMs[attempt];
    if (stopped || answer.acked || !answer.mayRetry || delay === undefined) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      void deliver(payload, attempt + 1, answer.reason);
    }, delay);
    timers.add(timer);
  }

  /** The app hears of a channel's messages only while it is a member and has the scope for it. */
  function emitInChannel({ channel: id, ephemeralTo }: Entry, event: Json): void {
    const channel = world.channels.find(id);
    if (ephemeralTo !== null || !channel.members.has(world.start.app.bot_user_id)) return;
    const kind = { public: 'channels', private: 'groups', im: 'im' }[channel.kind];
    if (!world.start.scopes.includes(`${kind}:history`)) return;
    const type = { public: 'channel', private: 'group', im: 'im' }[channel.kind];
    emit(`message.${kind}`, { type: 'message', channel: id, channel_type: type, ...event });
  }

  return {
    messagePosted(entry) {
      const { message, channel } = entry;
      emitInChannel(entry, { ...message, event_ts: message.ts });
      const mentionsApp = message.text.includes(`<@${world.start.app.bot_user_id}>`);
      if (mentionsApp && message.bot_id === undefined && world.start.scopes.includes('app_mentions:read')) {
        const { subtype: _subtype, ...mention } = message;
        emit('app_mention', { ...mention, type: 'app_mention', channel, event_ts: message.ts });
      }
    },
    messageChanged(entry, before) {
      const ts = world.nextTs();
      emitInChannel(entry, {
        subtype: 'message_changed',
        message: entry.message,
        previous_message: before,
        hidden: true,
        ts,
        event_ts: ts,
      });
    },
    messageDeleted(entry) {
      const ts = world.nextTs();
      emitInChannel(entry, {
        subtype: 'message_deleted',
        previous_message: entry.message,
        deleted_ts: entry.message.ts,
        hidden: true,
        ts,
        event_ts: ts,
      });
    },
    appHomeOpened(user) {
      const view = world.views.home(user);
      emit('app_home_opened', {
        type: 'app_home_opened',
        user,
        channel: world.channels.openDirect(user).id,
        tab: 'home',
        event_ts: world.nextTs(),
        ...(view ? { view } : {}),
      });
    },
    stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

function eventCallback({ start, now }: World, event: Json): Json {
  return {
    token: 'verification-token',
    team_id: start.team.id,
    context_team_id: start.team.id,
    api_app_id: start.app.id,
    event,
    type: 'event_callback',
    event_id: newId('Ev'),
    event_time: Math.floor(now() / 1000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: start.team.id,
        user_id: start.app.bot_user_id,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
    event_context: newId('EC'),
  };
}
