/** A message in the oldest blocks, for where Slack refuses the newer ones. Its buttons stay. */
import { z } from 'zod';
import type { MessageBlock, MessageContent } from '../../model/thread.ts';
import { plainSection } from './blocks.ts';
import { Rich, words, type Part } from './rich.ts';

const lines = z.object({
  elements: z.array(z.object({ elements: z.array(z.custom<Part>()) })),
});

/** Returns the message with a section of plain text for each block of rich text: what others wrote stays text. */
export function plainBlocks({ text, blocks }: MessageContent): MessageContent {
  return { text, blocks: blocks.map((block) => (block.type === 'rich_text' ? plainOf(block) : block)) };
}

function plainOf(block: MessageBlock): MessageBlock {
  const parts = lines.parse(block).elements.map(({ elements }) => elements);
  const called = parts.flat().filter((part) => part.type === 'user' || part.type === 'usergroup');
  return plainSection(parts.map((line) => words(Rich.of(line))).join('\n'), called);
}
