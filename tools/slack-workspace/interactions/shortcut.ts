import { SlackError } from '../slack-error.ts';
import { presentMessage } from '../state/threads.ts';
import { payloadBase, person, responseUrl, type Outcome, type Session } from './session.ts';

/** A person chooses a shortcut of the app in the menu of a message. */
export interface ShortcutInput {
  user: string;
  channel: string;
  ts: string;
  callback_id: string;
}

/** Sends `message_action` to the app. Throws `unknown_shortcut`, `not_in_channel`, `message_not_found`. */
export async function useShortcut({ world, transport }: Session, input: ShortcutInput): Promise<Outcome> {
  const user = person(world, input.user);
  const channel = world.channels.find(input.channel);
  if (!channel.members.has(user.id)) throw new SlackError('not_in_channel');
  if (!world.start.shortcuts.some((one) => one.callback_id === input.callback_id))
    throw new SlackError('unknown_shortcut');
  const entry = world.messages.find(channel.id, input.ts);
  // Slack offers no shortcuts at a message that one person alone sees.
  if (!entry || entry.ephemeralTo !== null) throw new SlackError('message_not_found');
  const answer = await transport.send({
    type: 'interactive',
    retry: null,
    payload: {
      type: 'message_action',
      ...payloadBase(world, user),
      callback_id: input.callback_id,
      action_ts: world.nextTs(),
      trigger_id: world.triggers.issue({ user: user.id, view: null }),
      channel: { id: channel.id, name: channel.kind === 'im' ? 'directmessage' : channel.name },
      message_ts: entry.message.ts,
      message: presentMessage(world.messages, entry, { metadata: false }),
      response_url: responseUrl(world, { user: user.id, channel: channel.id, ts: entry.message.ts }),
    },
  });
  return { acked: answer.acked, ms: answer.ms, reason: answer.acked ? null : answer.reason };
}
