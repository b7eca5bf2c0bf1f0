import { checkAttachments, checkMessageBlocks } from '../block-kit/check-blocks.ts';
import type { Entry, Message } from '../model.ts';
import { SlackError } from '../slack-error.ts';
import { removeMessage } from '../web-api/remove-message.ts';
import type { Session } from './session.ts';

/** A message of a person or of another app, which its author edits. What is not given stays. */
export interface EditInput {
  channel: string;
  ts: string;
  text?: string | undefined;
  blocks?: unknown;
  attachments?: unknown;
}

/** Edits a message that is not the app's own, and tells the app of it. */
export function edit({ world, events }: Session, { channel, ts, text, blocks, attachments }: EditInput): void {
  const entry = found(world, channel, ts);
  const before = entry.message;
  const message: Message = {
    ...before,
    ...(text === undefined ? {} : { text }),
    ...(blocks === undefined ? {} : { blocks: checkMessageBlocks(blocks) }),
    ...(attachments === undefined ? {} : { attachments: checkAttachments(attachments) }),
    edited: { user: before.user ?? before.bot_id ?? '', ts: world.nextTs() },
  };
  world.messages.replace(entry, message);
  events.messageChanged(entry, before);
}

/** Deletes any message, as its author or an administrator does. */
export function remove({ world, events }: Session, { channel, ts }: { channel: string; ts: string }): void {
  removeMessage(world, events, found(world, channel, ts));
}

function found(world: Session['world'], channel: string, ts: string): Entry {
  const entry = world.messages.find(world.channels.find(channel).id, ts);
  if (!entry) throw new SlackError('message_not_found');
  return entry;
}
