import type { MessageContent, ScreenView } from '../../src/model/thread.ts';
import { linesOf } from '../../tools/slack-workspace/client.ts';

/** A message as a person reads it, as a quotation. */
export function shown(content: MessageContent): string {
  return linesOf({ ts: '', ...content })
    .map((line) => `> ${line}`)
    .join('\n');
}

/** What a command prints. */
export function boxed(text: string): string {
  return `\`\`\`text\n${text.trim()}\n\`\`\``;
}

/** A dialog as a person reads it. */
export function shownView({ blocks }: ScreenView): string {
  return shown({ text: '', blocks });
}
