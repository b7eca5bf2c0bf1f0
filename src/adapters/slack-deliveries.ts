/** What Slack delivers, read into the few fields that handlers need. */
import type { App, BlockAction } from '@slack/bolt';
import { z } from 'zod';
import type { MessageContent } from '../model/thread.ts';
import { partsOf, postOf } from './slack-posts.ts';
import { isElsewhere } from './slack-team.ts';
import { asItIs } from './slack-thread.ts';
import type {
  Click,
  Posted,
  Said,
  Shortcut,
  SlashCommand,
  Submission,
  Suggestion,
  OfferedOptions,
} from '../model/slack-delivery.ts';

export interface SlackHandlers {
  /** Has to settle within three seconds. null: a dialog was opened. */
  command(command: SlashCommand): Promise<MessageContent | null>;
  click(click: Click): Promise<void>;
  /** Has to settle within three seconds. @returns what is wrong, by field; null: it was taken */
  submit(submission: Submission): Promise<Readonly<Record<string, string>> | null>;
  shortcut(shortcut: Shortcut): Promise<void>;
  /** Has to settle within three seconds. @returns at most 100 options */
  suggest(suggestion: Suggestion): Promise<OfferedOptions>;
  hear(said: Said): Promise<void>;
  posted(post: Posted): Promise<void>;
  home(user: string): Promise<void>;
}

export function addListeners(app: App, handlers: SlackHandlers, onError: (text: string) => void): void {
  app.use(async ({ body, context, next, ...given }) => {
    const own = ownTeam.safeParse(context['own']).data;
    if (own === undefined || !isElsewhere(body, own)) return next();
    onError('a delivery was refused: it is of another workspace than the bot token');
    const ack = 'ack' in given && typeof given.ack === 'function' ? (given.ack as (said?: unknown) => unknown) : null;
    await ack?.('command' in given && given.command ? otherWorkspace : undefined);
  });
  // One listener of a kind for all: Bolt runs every one that matches.
  app.command(/.*/, async ({ command, ack }) => {
    const answer = await handlers.command({
      command: command.command,
      text: command.text ?? '',
      user: command.user_id,
      channel: command.channel_id,
      trigger: command.trigger_id,
    });
    if (answer === null) return ack();
    await ack({
      response_type: 'ephemeral',
      text: answer.text,
      blocks: answer.blocks.map((block) => ({ ...block })),
      ...asItIs,
      mrkdwn: false,
      unfurl_links: false,
      unfurl_media: false,
    });
  });
  app.action<BlockAction>(/.*/, async ({ ack, body, action }) => {
    await ack();
    if (action.type !== 'button') return;
    await handlers.click({
      action: action.action_id,
      value: action.value ?? '',
      user: body.user.id,
      ...placeOf(body),
      at: action.action_ts,
      trigger: body.trigger_id,
    });
  });
  app.view(/.*/, async ({ ack, body, view }) => {
    const errors = await handlers.submit({
      callback: view.callback_id,
      metadata: view.private_metadata,
      user: body.user.id,
      view: view.id,
      typed: typedIn(view.state.values),
    });
    await (errors === null ? ack() : ack({ response_action: 'errors', errors: { ...errors } }));
  });
  app.options(/.*/, async ({ ack, options, body }) => {
    if (options.type !== 'block_suggestion') return ack({ options: [] });
    const { action_id: field, value: typed } = options;
    const metadata = carriedBy.safeParse(body).data?.view.private_metadata ?? '';
    const offered = await handlers.suggest({ field, typed, metadata });
    await ack({ ...offered } as unknown as { options: [] });
  });
  app.shortcut(/.*/, async ({ ack, body }) => {
    await ack();
    if (body.type !== 'message_action') return;
    await handlers.shortcut({
      callback: body.callback_id,
      channel: body.channel.id,
      trigger: body.trigger_id,
      parts: partsOf(body.message),
    });
  });
  app.event('app_mention', async ({ event }) => {
    if (event.user === undefined || event.bot_id !== undefined) return;
    const { user, channel, ts, text } = event;
    await handlers.hear({ how: 'mention', user, channel, thread: event.thread_ts ?? null, ts, text });
  });
  app.event('message', async ({ event, context, body }) => {
    const post = postOf(event, context.botId, body.api_app_id);
    if (post !== null) return handlers.posted(post);
    const said = words.safeParse(event).data;
    if (!said || said.subtype !== undefined || said.bot_id !== undefined) return;
    const { user, channel, ts, text, thread_ts: thread = null, channel_type: kind } = said;
    const direct = kind === 'im';
    // A mention is delivered a second time, as one.
    const isMention = context.botUserId !== undefined && text.includes(`<@${context.botUserId}`);
    if (!direct && (thread === null || isMention)) return;
    await handlers.hear({ how: direct ? 'direct' : 'reply', user, channel, thread, ts, text });
  });
  app.event('app_home_opened', async ({ event }) => {
    if (event.tab === 'home') await handlers.home(event.user);
  });
  app.error(async (error) => onError(`a delivery of Slack could not be handled: ${error.message}`));
}

const ownTeam = z.object({ team: z.string().nullable(), organisation: z.string().nullable() });
const otherWorkspace = {
  response_type: 'ephemeral',
  text: 'Not done: this bot serves another workspace. Ask its administrator, or run a bot of your own.',
} as const;

const words = z.object({
  subtype: z.string().optional(),
  bot_id: z.string().optional(),
  user: z.string(),
  channel: z.string(),
  ts: z.string(),
  text: z.string().default(''),
  thread_ts: z.string().optional(),
  channel_type: z.string(),
});

const carriedBy = z.object({ view: z.object({ private_metadata: z.string() }) });

const place = z.object({ channel: z.string(), thread: z.string(), message: z.string().default('') });
const nowhere = { channel: '', thread: '', message: '' } as const;

/** A click in a message has its place; in a message for one person it has less of it; a dialog carries its own. */
function placeOf({ channel, message, container, view }: BlockAction): z.infer<typeof place> {
  if (channel && message) {
    const { ts, thread_ts: thread } = message;
    return { channel: channel.id, thread: typeof thread === 'string' ? thread : ts, message: ts };
  }
  if (channel && typeof container['message_ts'] === 'string') {
    const { message_ts: ts, thread_ts: thread } = container;
    return { channel: channel.id, thread: typeof thread === 'string' ? thread : ts, message: ts };
  }
  try {
    return place.parse(JSON.parse(view?.private_metadata ?? ''));
  } catch {
    return nowhere;
  }
}

const typed = z.record(
  z.string(),
  z.record(
    z.string(),
    z.object({ value: z.string().nullish(), selected_option: z.object({ value: z.string() }).nullish() }),
  ),
);

/** What was typed or chosen, by the id of its block. */
function typedIn(values: unknown): Readonly<Record<string, string>> {
  const blocks = typed.safeParse(values).data ?? {};
  return Object.fromEntries(
    Object.entries(blocks).flatMap(([block, fields]) => {
      const [field] = Object.values(fields);
      const value = field?.value ?? field?.selected_option?.value;
      return value ? [[block, value]] : [];
    }),
  );
}
