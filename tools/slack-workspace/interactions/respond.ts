import type { Events } from '../delivery/events.ts';
import { isObject } from '../json.ts';
import type { Json, Message } from '../model.ts';
import { SlackError } from '../slack-error.ts';
import type { ResponseTarget } from '../state/response-urls.ts';
import type { World } from '../state/world.ts';
import { argsOf } from '../web-api/args.ts';
import { botMessage, inThread, readContent, readThreadTs } from '../web-api/message-content.ts';

/**
 * Carries out what an app posted to a response URL, or said with its acknowledgement:
 * a message for the person alone, or for the channel with `response_type: in_channel`,
 * or in place of the message that was clicked.
 */
export function respond(world: World, events: Events, target: ResponseTarget, body: Json): void {
  const args = argsOf(new Map(Object.entries(body)));
  const original = target.ts === null ? undefined : world.messages.find(target.channel, target.ts);
  if (args.flag('delete_original')) {
    if (!original) throw new SlackError('message_not_found');
    world.messages.remove(original);
    return;
  }
  const content = readContent(args, world);
  if (args.flag('replace_original')) {
    if (!original) throw new SlackError('message_not_found');
    const { ts, thread_ts, parent_user_id, is_ephemeral } = original.message;
    const kept = Object.fromEntries(
      Object.entries({ thread_ts, parent_user_id, is_ephemeral }).filter(([, value]) => value !== undefined),
    );
    const before = original.message;
    world.messages.replace(original, { ...botMessage(world, content), ...kept, ts });
    events.messageChanged(original, before);
    return;
  }
  const message: Message = inThread(world, target.channel, botMessage(world, content), readThreadTs(args));
  if (body['response_type'] === 'in_channel') events.messagePosted(world.messages.add(target.channel, message));
  else world.messages.add(target.channel, { ...message, is_ephemeral: true }, target.user);
}

/** What an acknowledgement says, as the body of a response; null when it says nothing. */
export function saidWithAck(body: unknown): Json | null {
  if (typeof body === 'string') return body.trim() === '' ? null : { text: body };
  return isObject(body) && Object.keys(body).length > 0 ? body : null;
}

/** A line by Slack itself that only one person sees. */
export function slackbotSays(world: World, channel: string, user: string, text: string): void {
  const message: Message = {
    type: 'message',
    user: 'USLACKBOT',
    username: 'Slackbot',
    ts: world.nextTs(),
    text,
    is_ephemeral: true,
  };
  world.messages.add(channel, message, user);
}
