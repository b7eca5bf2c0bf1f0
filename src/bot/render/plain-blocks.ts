/** A message in the oldest blocks, for where Slack refuses the newer ones. Its buttons stay. */
import { z } from 'zod';
import type { MessageBlock, MessageContent } from '../../model/thread.ts';
import { Rich, words, type Part } from './rich.ts';

/** Of a section. */
const mostCharacters = 3000;
/** A field has 2,000 characters. */
const mostCalled = 40;

const lines = z.object({
  elements: z.array(z.object({ elements: z.array(z.custom<Part>()) })),
});

/**
 * Returns the message with a section of plain text for each block of rich text. Nothing in it is markup, so that what
 * others wrote stays text. People and groups who are called are named once more beside it, as references: else no phone
 * would ring.
 */
export function plainBlocks({ text, blocks }: MessageContent): MessageContent {
  return { text, blocks: blocks.map((block) => (block.type === 'rich_text' ? plainSection(block) : block)) };
}

function plainSection(block: MessageBlock): MessageBlock {
  const parts = lines.parse(block).elements.map(({ elements }) => elements);
  const called = [...new Set(parts.flat().flatMap(referenceTo))].slice(0, mostCalled);
  const shown = parts.map((line) => words(Rich.of(line))).join('\n');
  return {
    type: 'section',
    text: { type: 'plain_text', text: cut(shown), emoji: false },
    ...(called.length > 0 ? { fields: [{ type: 'mrkdwn', text: called.join(' '), verbatim: true }] } : {}),
  };
}

function cut(text: string): string {
  if (text.trim() === '') return '–';
  return text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters - 1).toWellFormed()}…`;
}

function referenceTo(part: Part): readonly string[] {
  if (part.type === 'user') return [`<@${part.user_id}>`];
  return part.type === 'usergroup' ? [`<!subteam^${part.usergroup_id}>`] : [];
}
