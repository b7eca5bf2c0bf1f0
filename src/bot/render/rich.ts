/**
 * Text of messages as Slack's rich text elements. A text element is never parsed: markup, links, mentions and emoji
 * codes in it stay the characters that they are. So nothing has to be escaped, and what others wrote can be copied as
 * it is. What is ours (emoji, line breaks) stands in the literal parts of the `rich` template alone.
 */
import { oneLine } from '../../model/plain-text.ts';

interface Style {
  readonly bold?: true;
  readonly italic?: true;
  readonly strike?: true;
  readonly code?: true;
}

/** An element of a rich_text_section. `timestamp` is in seconds. */
export type Part =
  | { readonly type: 'text'; readonly text: string; readonly style?: Style }
  | { readonly type: 'emoji'; readonly name: string }
  | { readonly type: 'user'; readonly user_id: string }
  | { readonly type: 'usergroup'; readonly usergroup_id: string }
  | { readonly type: 'link'; readonly url: string; readonly text: string }
  | { readonly type: 'date'; readonly timestamp: number; readonly format: string; readonly fallback: string };

/** Rich text. Only this file makes it, so a builder of blocks that takes it cannot be given a bare string. */
export class Rich {
  readonly #parts: readonly Part[];

  private constructor(parts: readonly Part[]) {
    this.#parts = parts;
  }

  static of(parts: readonly Part[]): Rich {
    return new Rich(merged(parts));
  }

  get parts(): readonly Part[] {
    return this.#parts;
  }

  /** Characters that it shows, about. */
  get length(): number {
    return this.#parts.reduce((sum, part) => sum + lengthOf(part), 0);
  }

  get empty(): boolean {
    return this.#parts.every((part) => part.type === 'text' && part.text.trim() === '');
  }
}

export type Content = Rich | string | number;

/**
 * Rich text with our own words, emoji (`:name:`) and line breaks in the literal parts.
 * A string that is put in is text of others: one line, and never anything but text.
 */
export function rich(literals: TemplateStringsArray, ...values: readonly Content[]): Rich {
  return Rich.of(
    literals.flatMap((literal, index) => [
      ...ours(literal),
      ...(index < values.length ? partsOf(values[index] ?? '') : []),
    ]),
  );
}

/** One after the other, with our own words between them. */
export function join(items: readonly Content[], between: Rich): Rich {
  return Rich.of(items.flatMap((item, index) => [...(index === 0 ? [] : between.parts), ...partsOf(item)]));
}

export const nothing = Rich.of([]);
export const bold = (content: Content) => styled(content, { bold: true });
export const italic = (content: Content) => styled(content, { italic: true });
export const codeWords = (content: Content) => styled(content, { code: true });

/** Returns the same text without styles: neighbours become one element. */
export function unstyled(content: Rich): Rich {
  return Rich.of(content.parts.map((part) => (part.type === 'text' ? { type: 'text', text: part.text } : part)));
}

/** At most so many characters, with … where something is missing; never empty. */
export function clip(content: Content, most: number): Rich {
  const whole = Rich.of(partsOf(content));
  if (whole.empty) return Rich.of([{ type: 'text', text: '–' }]);
  if (whole.length <= most) return whole;
  const kept: Part[] = [];
  let left = most - 1;
  for (const part of whole.parts) {
    if (lengthOf(part) <= left) kept.push(part);
    else if (part.type === 'text') kept.push({ ...part, text: part.text.slice(0, left).toWellFormed() });
    left -= lengthOf(part);
    if (left <= 0) break;
  }
  return Rich.of([...kept, { type: 'text', text: '…' }]);
}

/** At most so many words, with … where something is missing; never empty. */
export function clipWords(content: Content, most: number): Rich {
  const kept: Part[] = [];
  let left = most;
  for (const part of clip(content, most * charactersOfWord).parts) {
    const words = part.type === 'text' ? countWords(part.text) : 1;
    if (words <= left) kept.push(part);
    else if (part.type === 'text') kept.push({ ...part, text: firstWords(part.text, left) });
    left -= words;
    if (left < 0) return Rich.of([...kept, { type: 'text', text: '…' }]);
  }
  return Rich.of(kept);
}

/** As many whole sentences as so many words hold; of the first one, where it alone is longer, so many words. */
export function clipSentences(text: string, most: number): Rich {
  const sentences = ofOthers(text).split(/(?<=[.!?]) (?=\S)/);
  const kept: string[] = [];
  for (const sentence of sentences) {
    if (countWords([...kept, sentence].join(' ')) > most) break;
    kept.push(sentence);
  }
  return clipWords(kept.length > 0 ? kept.join(' ') : (sentences[0] ?? ''), most);
}

/**
 * As many whole clauses as so many words hold, so that nothing ends in the middle; of a longer first one, its words. A
 * comma alone ends none: it may stand in a list, and a part of a list would pass for the whole.
 */
export function clipClauses(text: string, most: number): Rich {
  const clauses = ofOthers(text).split(/(?<=[.;:]) (?=\S)|(?<=,) (?=(?:if|unless|as) )/);
  const kept: string[] = [];
  for (const clause of clauses) {
    if (countWords([...kept, clause].join(' ')) > most) break;
    kept.push(clause);
  }
  return clipWords(kept.length > 0 ? kept.join(' ').replace(/[.;:,]$/, '') : (clauses[0] ?? ''), most);
}

/** Returns how many words a text has, as a reader counts them. */
export function countWords(text: string): number {
  return text.split(/\s/).filter((word) => word !== '').length;
}

function firstWords(text: string, most: number): string {
  let left = most;
  const kept = text.split(/(?<=\s)/).filter((piece) => piece.trim() === '' || (left -= 1) >= 0);
  return kept.join('').trimEnd();
}

/** Names of Kubernetes are long words. */
const charactersOfWord = 14;

/** Who owns a host stands at the end of its name: a long one keeps that. */
const charactersOfHost = 60;

/**
 * A link that says where it leads; nothing for what a browser does not open. Only for addresses that people open on
 * purpose: others may have written them.
 */
export function link(label: string, address: string): Rich {
  if (!/^https?:\/\/[!-~]{1,1000}$/.test(address) || !URL.canParse(address)) return nothing;
  const { href, host } = new URL(address);
  const end = host.length > charactersOfHost ? `…${host.slice(-charactersOfHost)}` : host;
  const text = words(clip(`${label} (${end})`, 100));
  return Rich.of([{ type: 'link', url: href.replaceAll('|', '%7C'), text }]);
}

/** A link to a thread of this workspace, as Slack gave it; nothing for anything else. */
export function threadLink(address: string | undefined): Rich {
  if (address === undefined || !/^https?:\/\/[!-~]{1,1000}$/.test(address) || !URL.canParse(address)) return nothing;
  return Rich.of([{ type: 'link', url: new URL(address).href.replaceAll('|', '%7C'), text: 'Open the thread' }]);
}

/** A user of Slack as a mention, a user group likewise, anyone else by name. */
export function person(name: string): Rich {
  if (/^[UW][A-Z0-9]{4,20}$/.test(name)) return Rich.of([{ type: 'user', user_id: name }]);
  if (/^S[A-Z0-9]{4,20}$/.test(name)) return Rich.of([{ type: 'usergroup', usergroup_id: name }]);
  return clip(name, 200);
}

/**
 * Words of the operator and of ours, in which `<@ID>` and `<!subteam^ID>` are people. Never for text of others: they
 * could call anybody.
 */
export function wordsWithPeople(text: string): Rich {
  return Rich.of(
    text.split(/(<@[UW][A-Z0-9]{4,20}>|<!subteam\^S[A-Z0-9]{4,20}>)/).flatMap((piece) => {
      const id = /^<(?:@|!subteam\^)([A-Z0-9]+)>$/.exec(piece)?.[1];
      return id === undefined ? partsOf(piece) : person(id).parts;
    }),
  );
}

/** `14:03` in the reader's own time zone; text that is not a time is shown as it is. */
export function clockTime(at: string): Rich {
  return moment(at, '{time}', 11);
}

/** The day and the time, in the reader's own time zone; text that is not a time is shown as it is. */
export function dayAndTime(at: string): Rich {
  return moment(at, '{date_short} {time}', 0);
}

/** @param from where the fallback begins in an ISO 8601 time */
function moment(at: string, format: string, from: number): Rich {
  const timestamp = Math.floor(Date.parse(at) / 1000);
  if (!Number.isSafeInteger(timestamp) || timestamp < 0) return clip(at, 40);
  const fallback = `${new Date(timestamp * 1000).toISOString().slice(from, 16).replace('T', ' ')} UTC`;
  return Rich.of([{ type: 'date', timestamp, format, fallback }]);
}

/**
 * Returns text of others as a message shows it: one line, in which no run of spaces pushes words to where a line of
 * ours would begin.
 */
export function ofOthers(text: string): string {
  return oneLine(text.slice(0, longestOfOthers)).replaceAll(/\p{Zs}+/gu, ' ');
}

/** No block shows more; a hostile name does not cost a second for it. */
const longestOfOthers = 6000;

/** Returns what it says, without styles and emoji. */
export function words(text: Rich): string {
  return text.parts.map(wordsOf).join('');
}

function wordsOf(part: Part): string {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'emoji':
      return '';
    case 'link':
      return part.text;
    case 'user':
      return `@${part.user_id}`;
    case 'usergroup':
      return `@${part.usergroup_id}`;
    default:
      return part.fallback;
  }
}

function ours(literal: string): readonly Part[] {
  return literal
    .split(/(:[a-z][a-z0-9_+-]*:)/)
    .filter((piece) => piece !== '')
    .map((piece) =>
      /^:[a-z].*:$/.test(piece) ? { type: 'emoji', name: piece.slice(1, -1) } : { type: 'text', text: piece },
    );
}

function partsOf(content: Content): readonly Part[] {
  if (content instanceof Rich) return content.parts;
  return [{ type: 'text', text: ofOthers(String(content)) }];
}

function styled(content: Content, style: Style): Rich {
  return Rich.of(
    partsOf(content).map((part) => (part.type === 'text' ? { ...part, style: { ...part.style, ...style } } : part)),
  );
}

/** Neighbours of one style as one element; without empty ones, which Slack refuses. */
function merged(parts: readonly Part[]): readonly Part[] {
  const list: Part[] = [];
  for (const part of parts) {
    const last = list.at(-1);
    if (part.type !== 'text') list.push(part);
    else if (part.text === '') continue;
    else if (last?.type === 'text' && JSON.stringify(last.style) === JSON.stringify(part.style))
      list[list.length - 1] = { ...last, text: last.text + part.text };
    else list.push(part);
  }
  return list;
}

function lengthOf(part: Part): number {
  return part.type === 'text' || part.type === 'link' ? part.text.length : 10;
}
