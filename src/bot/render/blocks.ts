/**
 * The one place that makes blocks and text objects, within the limits of Block Kit: whatever comes in, what goes out is
 * a message that Slack takes, and in which nothing that others wrote is markup.
 */
import { visible } from '../../model/plain-text.ts';
import type { MessageBlock, MessageContent } from '../../model/thread.ts';
import { clip, countWords, italic, ofOthers, Rich, unstyled, words, type Content, type Part } from './rich.ts';

/** Of the text that asks before a click counts, in characters. */
export const mostConfirmed = 300;
/** Slack takes an edited text of 4,000 characters at most, and an entity has five. */
const most = {
  section: 3000,
  context: 2000,
  contextElements: 10,
  code: 2500,
  button: 75,
  /** A field has 2,000 characters. */
  called: 40,
  blocks: 50,
  characters: 12_000,
  /** A lock screen shows no more, and people read no more at night. */
  text: 150,
} as const;

export function section(text: Rich): MessageBlock {
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: clip(text, most.section).parts }] };
}

/**
 * As `section`, without rich text: lines in which nothing is markup.
 * @param called people and groups, who are named once more as references: else no phone would ring
 */
export function plainSection(lines: string, called: readonly Exclude<Part, { readonly type: 'text' }>[]): MessageBlock {
  const shown = lines.trim() === '' ? '–' : lines;
  const text = shown.length <= most.section ? shown : `${shown.slice(0, most.section - 1).toWellFormed()}…`;
  const names = [...new Set(called.map(reference))].slice(0, most.called).join(' ');
  return {
    type: 'section',
    text: { type: 'plain_text', text, emoji: false },
    ...(names === '' ? {} : { fields: [{ type: 'mrkdwn', text: names, verbatim: true }] }),
  };
}

/** The title of a part of a view, in the program's own words. */
export function heading(title: string): MessageBlock {
  return { type: 'header', text: plain(title, 150) };
}

/** Small print. Styles are not shown. */
export function context(text: Rich): MessageBlock {
  return { type: 'context', elements: contextElements(clip(text, most.context)) };
}

/** Text of others as it is, in a fixed width: its lines are lines of its own box. */
export function code(text: string): MessageBlock {
  return {
    type: 'rich_text',
    elements: [
      {
        type: 'rich_text_preformatted',
        elements: [{ type: 'text', text: cut(visible(text.slice(0, most.code * 2)), most.code) }],
      },
    ],
  };
}

/** Text of others as a quotation: its lines are lines of the quotation. */
export function quote(text: string): MessageBlock {
  return {
    type: 'rich_text',
    elements: [
      {
        type: 'rich_text_quote',
        elements: [{ type: 'text', text: cut(visible(text.slice(0, most.code * 2)), most.code) }],
      },
    ],
  };
}

export interface Button {
  readonly action: string;
  readonly label: string;
  /** An id, nothing else. */
  readonly value: string;
  readonly style?: 'primary' | 'danger';
  readonly confirm?: { readonly title: string; readonly text: string; readonly yes: string };
}

export function actions(...buttons: readonly Button[]): MessageBlock {
  return { type: 'actions', elements: buttons.map(buttonElement) };
}

function buttonElement({ action, label, value, style, confirm }: Button) {
  return {
    type: 'button',
    action_id: action,
    text: plain(label, most.button),
    value,
    ...(style ? { style } : {}),
    ...(confirm
      ? {
          confirm: {
            title: plain(confirm.title, 100),
            text: plain(confirm.text, mostConfirmed),
            confirm: plain(confirm.yes, 30),
            deny: plain('Not now', 30),
          },
        }
      : {}),
  };
}

/** Without `emoji: false` Slack turns `:name:` into a picture also in plain text. */
export function plain(text: string, length: number) {
  return { type: 'plain_text', text: cut(ofOthers(text), length), emoji: false } as const;
}

function cut(text: string, length: number): string {
  const shown = text.trim() === '' ? '–' : text;
  return shown.length <= length ? shown : `${shown.slice(0, length - 1).toWellFormed()}…`;
}

/**
 * A context block takes no rich text: words are plain text, and what has to be markup is one reference of ours alone.
 */
function contextElements(text: Rich): readonly object[] {
  const elements: object[] = [];
  const { parts } = unstyled(text);
  for (const [index, part] of parts.entries()) {
    const isWords = part.type === 'text';
    if (elements.length === most.contextElements - 1 && index < parts.length - 1) {
      elements.push(plain(words(Rich.of(parts.slice(index))), most.context));
      break;
    }
    if (!isWords) elements.push({ type: 'mrkdwn', text: reference(part), verbatim: true });
    else if (part.text.trim() !== '') elements.push(plain(part.text.trim(), most.context));
  }
  return elements.length > 0 ? elements : [plain('', most.context)];
}

function reference(part: Exclude<Part, { readonly type: 'text' }>): string {
  switch (part.type) {
    case 'emoji':
      return `:${part.name}:`;
    case 'link':
      return `<${part.url}|${inert(part.text)}>`;
    case 'user':
      return `<@${part.user_id}>`;
    case 'usergroup':
      return `<!subteam^${part.usergroup_id}>`;
    default:
      return `<!date^${part.timestamp}^${part.format}|${part.fallback}>`;
  }
}

/**
 * A message of groups of blocks. What does not fit is left out from the least important group on, and said.
 * @param groups in the order in which they are shown
 * @param text for notifications
 */
export function message(
  text: string,
  groups: readonly (readonly MessageBlock[])[],
  left: Content = 'The thread has more.',
): MessageContent {
  const note = section(italic(left));
  const kept: MessageBlock[] = [];
  let size = JSON.stringify(note).length + 2;
  for (const group of groups) {
    const cost = group.reduce((sum, block) => sum + JSON.stringify(block).length + 1, 0);
    if (kept.length + group.length > most.blocks - 1 || size + cost > most.characters) {
      kept.push(note);
      break;
    }
    kept.push(...group);
    size += cost;
  }
  return { text: notification(text), blocks: kept };
}

/** A group of blocks, and how badly a reader needs it: the least needed goes first where there is no room. */
export interface Needed {
  readonly need: number;
  readonly blocks: readonly MessageBlock[];
  /** What takes its place where there is no room; not given: nothing does. */
  readonly shorter?: Needed;
}

/**
 * Returns the groups in their order, so that at most so many words are left: those that are needed least are left out,
 * or stand in their shorter form.
 */
export function withinWords(groups: readonly Needed[], most: number): readonly (readonly MessageBlock[])[] {
  const kept = [...groups];
  const size = () => kept.reduce((sum, { blocks }) => sum + wordsOf(blocks), 0);
  while (kept.length > 1 && size() > most) {
    const least = Math.min(...kept.map(({ need }) => need));
    const at = kept.findLastIndex(({ need }) => need === least);
    const shorter = kept[at]?.shorter;
    kept.splice(at, 1, ...(shorter ? [shorter] : []));
  }
  return kept.map(({ blocks }) => blocks);
}

/** Words that a reader sees for parts without a text; a time has its zone, or AM and PM. */
const wordsOfParts: ReadonlyMap<string, number> = new Map([
  ['user', 1],
  ['usergroup', 1],
  ['emoji', 1],
  ['date', 2],
]);

/** Words that blocks show, those on buttons included. */
function wordsOf(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + wordsOf(one), 0);
  if (typeof value !== 'object' || value === null) return 0;
  const { text, elements, type }: { text?: unknown; elements?: unknown; type?: unknown } = value;
  const own = typeof text === 'string' ? countWords(text) : wordsOf(text);
  return own + wordsOf(elements) + (typeof type === 'string' ? (wordsOfParts.get(type) ?? 0) : 0);
}

/** What Slack takes when it refused the message as it was: its notification as the only block. */
export function textOnly({ text }: MessageContent): MessageContent {
  return { text, blocks: [code(text)] };
}

const zeroWidth = '\u2060';

/** A zero-width character does not keep these from being styles: what stands between them is still a word. */
const lookalikes: ReadonlyMap<string, string> = new Map([
  ['*', '\u2217'],
  ['_', '\u02CD'],
  ['~', '\u223C'],
  ['`', '\u02CB'],
]);

/**
 * The text beside the blocks, which Slack may parse. Entities escape what would be a mention or a link, a zero-width
 * character parts what would be an emoji, an address or a name, and lookalikes stand for what would be a style. People
 * read it in notifications, and copy nothing from there.
 */
export function notification(text: string): string {
  const line = ofOthers(text);
  let shown = inert(cut(line, most.text));
  // What makes a character inert makes it longer.
  for (let length = most.text; shown.length > most.text; shown = inert(cut(line, length)))
    length -= Math.ceil((shown.length - most.text) / longestInert);
  return shown;
}

/** Characters of `&amp;` and of a zero-width one. */
const longestInert = 6;

function inert(text: string): string {
  const broken = text
    .replaceAll(/[:@#](?=\S)|(?<=\w)\.(?=\w)/g, `$&${zeroWidth}`)
    .replaceAll(/[*_~`]/g, (mark) => lookalikes.get(mark) ?? '');
  return broken.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
