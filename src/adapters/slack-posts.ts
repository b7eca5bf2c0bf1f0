/** Posts of other apps, read into lines: text, attachments with fields, blocks and buttons. */
import { z } from 'zod';
import type { Posted, PostedPart } from '../model/slack-delivery.ts';

const mostLines = 400;
const longestLine = 1000;
const mostLinks = 40;
/** As many as a post of Slack can have: alerts beyond those that are read are counted. */
const mostAttachments = 100;
/** Of all texts of a post, in characters: what is behind them is not read. */
const longestPost = 30_000;

const text = z.string().optional().catch(undefined);
const list = z.array(z.unknown()).default([]).catch([]);
const post = z.object({
  subtype: z.literal('bot_message').optional(),
  bot_id: z.string(),
  app_id: text,
  username: text,
  bot_profile: z.object({ name: text, app_id: text }).optional().catch(undefined),
  channel: z.string(),
  ts: z.string(),
  thread_ts: text,
  text,
  blocks: list,
  attachments: list,
});
const change = z.object({
  subtype: z.literal('message_changed'),
  channel: z.string(),
  ts: z.string(),
  message: z.record(z.string(), z.unknown()),
  previous_message: z.record(z.string(), z.unknown()).optional().catch(undefined),
});
const attachment = z.object({
  /** Slack itself adds what an address leads to. */
  from_url: text,
  fallback: text,
  pretext: text,
  title: text,
  title_link: text,
  text,
  fields: list,
  actions: list,
  blocks: list,
});
const field = z.object({ title: text, value: text });
const button = z.object({ text: z.union([z.string(), z.object({ text: z.string() })]), url: z.string() });
const block = z.object({
  text: z.object({ text: z.string() }).optional().catch(undefined),
  fields: list,
  elements: list,
  accessory: z.unknown().optional(),
});

/**
 * Returns the post of another app, or what an edit made of one; null: it is none, one in a thread, one of this app, or
 * an edit that changed no words.
 * @param ownBot id of this bot @param ownApp id of this app, which may post as other bots, too
 */
export function postOf(event: unknown, ownBot: string | undefined, ownApp?: string): Posted | null {
  const edit = change.safeParse(event).data;
  if (!edit) return asPost(event, null, { ownBot, ownApp });
  const { channel, ts, message, previous_message: before } = edit;
  const now = asPost({ ...message, channel }, ts, { ownBot, ownApp });
  const old = before === undefined ? null : asPost({ ...before, channel }, ts, { ownBot, ownApp });
  return JSON.stringify(now?.parts) === JSON.stringify(old?.parts) ? null : now;
}

function asPost(
  event: unknown,
  edit: string | null,
  { ownBot, ownApp }: { readonly ownBot: string | undefined; readonly ownApp: string | undefined },
): Posted | null {
  const found = post.safeParse(event).data;
  if (!found || (found.thread_ts !== undefined && found.thread_ts !== found.ts)) return null;
  const { bot_id: bot, app_id: app, bot_profile: profile, channel, ts, username } = found;
  const apps = [bot, app, profile?.app_id].filter((one) => one !== undefined);
  if (apps.some((one) => one === ownBot || one === ownApp)) return null;
  return {
    apps: [...new Set(apps)],
    name: username ?? profile?.name ?? '',
    channel,
    ts,
    edit,
    parts: partsIn(found),
  };
}

const worded = z.object({ text, blocks: list, attachments: list });

/** Returns what any message says, as the posts of apps are read. */
export function partsOf(message: unknown): readonly PostedPart[] {
  const found = worded.safeParse(message).data;
  return found ? partsIn(found) : [];
}

function partsIn({ text: said, blocks, attachments }: z.infer<typeof worded>): readonly PostedPart[] {
  const budget = { left: longestPost };
  // Blocks say what the text beside them says for notifications.
  const inBlocks = blockTexts(blocks);
  return [
    partOf(inBlocks.length > 0 ? inBlocks : [said], blocks, budget),
    ...attachments.slice(0, mostAttachments).flatMap((one) => (isUnfurled(one) ? [] : [attachmentPart(one, budget)])),
  ];
}

const isUnfurled = (one: unknown) => attachment.safeParse(one).data?.from_url !== undefined;

interface Budget {
  left: number;
}

function attachmentPart(given: unknown, budget: Budget): PostedPart {
  const found = attachment.safeParse(given).data;
  if (!found) return { lines: [], links: [] };
  const { fallback, pretext, title, title_link: link, text: body, fields, actions, blocks } = found;
  const named = fields.flatMap((one) => {
    const { title: name = '', value = '' } = field.safeParse(one).data ?? {};
    return [name === '' ? value : `${name}: ${value}`];
  });
  const texts = [pretext, title, body, ...named, ...blockTexts(blocks)].filter((one) => one !== undefined);
  const part = partOf(texts.length > 0 ? texts : [fallback], [...blocks, ...actions], budget);
  return link === undefined || !isAddress(link)
    ? part
    : { ...part, links: [...part.links, { text: 'source', address: link }] };
}

function partOf(texts: readonly (string | undefined)[], buttons: readonly unknown[], budget: Budget): PostedPart {
  const lines: string[] = [];
  const links: { text: string; address: string }[] = [];
  for (const given of texts) {
    const whole = (given ?? '').slice(0, Math.max(0, budget.left));
    budget.left -= whole.length;
    for (const line of whole.split('\n')) {
      if (lines.length === mostLines) break;
      lines.push(plain(line.slice(0, longestLine), links));
    }
  }
  links.push(...buttonsIn(buttons));
  return { lines: lines.filter((line) => line !== ''), links: links.slice(0, mostLinks) };
}

/** Sections, headers and their fields. A field `*Name*` with its value in the next line is `Name: VALUE`. */
function blockTexts(blocks: readonly unknown[]): readonly string[] {
  return blocks.slice(0, 50).flatMap((given) => {
    const found = block.safeParse(given).data;
    if (!found) return [];
    const fields = [...found.fields, ...found.elements].slice(0, 50).flatMap((one) => {
      const inner = z.object({ text: z.string() }).safeParse(one).data?.text;
      return inner === undefined ? [] : [inner.replace(/^([^\n:]{1,80}):?\*?\n/, '$1: ')];
    });
    return [found.text?.text, ...fields, ...richTexts(given, 0)].filter((one) => one !== undefined);
  });
}

const rich = z.object({
  type: z.string(),
  text: z.string().optional().catch(undefined),
  url: z.string().optional().catch(undefined),
  elements: list,
});
const deepest = 4;

/** One text a section, list item or quote of a block of rich text. */
function richTexts(given: unknown, depth: number): readonly string[] {
  const found = rich.safeParse(given).data;
  if (!found || depth > deepest || !found.type.startsWith('rich_text')) return [];
  if (found.type === 'rich_text' || found.type === 'rich_text_list')
    return found.elements.slice(0, mostLines).flatMap((one) => richTexts(one, depth + 1));
  const words = found.elements.slice(0, mostLines).map((one) => {
    const part = rich.safeParse(one).data;
    return part?.text ?? part?.url ?? '';
  });
  return [words.join('')];
}

function buttonsIn(given: readonly unknown[]): PostedPart['links'] {
  const elements = given.flatMap((one) => {
    const found = block.safeParse(one).data;
    return found ? [one, found.accessory, ...found.elements] : [one];
  });
  return elements.slice(0, mostLinks).flatMap((one) => {
    const found = button.safeParse(one).data;
    if (!found || !isAddress(found.url)) return [];
    return [{ text: typeof found.text === 'string' ? found.text : found.text.text, address: found.url }];
  });
}

const isAddress = (address: string) => /^https?:\/\//.test(address) && address.length <= longestLine;

/** A line without the marks of Slack. Its links are added to `links`. */
function plain(line: string, links: { text: string; address: string }[]): string {
  return line
    .replaceAll(link, (_whole, address: string, label: string | undefined, at: number) => {
      if (label === undefined) return address;
      // An emoji as a link is named by the word before it.
      const text = [label.replaceAll(/:[^:\s]{1,40}:/g, ''), wordBefore(line, at)].find((one) => /\w/.test(one));
      if (text) links.push({ text, address: entities(address) });
      return label;
    })
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .trim();
}

const link = /<(https?:\/\/[^<>|]{1,900})(?:\|([^<>]{0,300}))?>/g;

function wordBefore(line: string, at: number): string {
  return /([A-Za-z]{1,40})[:*`\s]{1,10}$/.exec(line.slice(Math.max(0, at - 60), at))?.[1] ?? '';
}

const entities = (address: string) => address.replaceAll('&amp;', '&');
