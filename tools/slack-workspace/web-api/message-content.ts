import { z } from 'zod';
import { checkAttachments, checkMessageBlocks } from '../block-kit/check-blocks.ts';
import type { Block, Json, Message } from '../model.ts';
import { SlackError } from '../slack-error.ts';
import type { World } from '../state/world.ts';
import type { Args } from './args.ts';

/** Slack cuts a posted text here. */
const TEXT_CHARACTERS = 40_000;
const MARKDOWN_CHARACTERS = 12_000;

/** The part of a message that its author wrote. A part that was not given is undefined. */
export interface Content {
  text: string | undefined;
  blocks: Block[] | undefined;
  attachments: Json[] | undefined;
  metadata: Json | null | undefined;
}

/**
 * Reads and checks the content arguments of chat methods.
 * Throws `no_text`, `markdown_text_conflict`, `msg_too_long`, `invalid_metadata_format` and the refusals of Block Kit.
 */
export function readContent(args: Args, world: World): Content {
  const markdown = args.text('markdown_text');
  const blocks = args.json('blocks', 'invalid_blocks_format');
  const attachments = args.json('attachments', 'invalid_attachments');
  const text = args.text('text');
  if (markdown !== undefined) {
    if (text !== undefined || blocks !== undefined) throw new SlackError('markdown_text_conflict');
    if (markdown.length > MARKDOWN_CHARACTERS) throw new SlackError('msg_too_long');
  }
  const content: Content = {
    text: (markdown ?? text)?.slice(0, TEXT_CHARACTERS),
    blocks:
      markdown === undefined
        ? blocks === undefined
          ? undefined
          : checkMessageBlocks(blocks)
        : checkMessageBlocks([{ type: 'markdown', text: markdown }]),
    attachments: attachments === undefined ? undefined : checkAttachments(attachments),
    metadata: readMetadata(args.json('metadata', 'invalid_metadata_format')),
  };
  const lacking = content.blocks?.find(({ type }) => world.lacksBlocks.has(type));
  if (lacking) throw new SlackError('invalid_blocks', [`unsupported type: ${lacking.type}`]);
  if (content.text === undefined && !content.blocks?.length && !content.attachments?.length)
    throw new SlackError('no_text');
  return content;
}

const metadataSchema = z.looseObject({
  event_type: z.string().min(1),
  event_payload: z.record(z.string(), z.unknown()),
});

/** null stands for an empty object, which removes metadata on update. */
function readMetadata(given: unknown): Json | null | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'object' && given !== null && Object.keys(given).length === 0) return null;
  const parsed = metadataSchema.safeParse(given);
  if (!parsed.success) throw new SlackError('invalid_metadata_format');
  return parsed.data;
}

/**
 * A timestamp of a parent message; undefined when absent. Throws `invalid_thread_ts` for anything but digits.digits.
 */
export function readThreadTs(args: Args): string | undefined {
  const ts = args.text('thread_ts');
  if (ts !== undefined && !/^\d{9,}\.\d{1,6}$/.test(ts))
    throw new SlackError('invalid_thread_ts', [`${ts} is not a valid thread_ts`]);
  return ts;
}

/** A new message by the app, ready to be stored. */
export function botMessage(world: World, content: Content): Message {
  const { app, team } = world.start;
  return {
    type: 'message',
    user: app.bot_user_id,
    ts: world.nextTs(),
    bot_id: app.bot_id,
    app_id: app.id,
    text: content.text ?? '',
    team: team.id,
    bot_profile: {
      id: app.bot_id,
      app_id: app.id,
      user_id: app.bot_user_id,
      name: app.name,
      deleted: false,
      team_id: team.id,
    },
    ...(content.blocks ? { blocks: content.blocks } : {}),
    ...(content.attachments?.length ? { attachments: content.attachments } : {}),
    ...(content.metadata ? { metadata: content.metadata } : {}),
  };
}

/**
 * Puts a message in a thread. A thread is named by its parent: a reply's own ts leads to a thread that nobody sees.
 * Where the parent was deleted, Slack refuses nothing: the message stands in the channel, and says so by having no
 * thread_ts.
 */
export function inThread(world: World, channel: string, message: Message, threadTs: string | undefined): Message {
  if (threadTs === undefined) return message;
  const parent = world.messages.find(channel, threadTs)?.message;
  if (!parent) return message;
  return { ...message, thread_ts: threadTs, ...(parent.user ? { parent_user_id: parent.user } : {}) };
}
