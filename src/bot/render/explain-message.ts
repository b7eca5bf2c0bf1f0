import type { Explained } from '../../model/explained.ts';
import type { MessageContent } from '../../model/thread.ts';
import { answerText } from './answers.ts';
import { code, context, message, section } from './blocks.ts';
import { bold, clip, codeWords, join, rich } from './rich.ts';

/** What a rule means, and what to do about it. */
export function explainMessage(asked: string, told: Explained): MessageContent {
  if (!told.known) {
    const near =
      told.near.length === 0
        ? rich` A verdict has the id of its rule: reply ${codeWords('why')} to it.`
        : rich` Did you mean ${join(told.near.map(codeWords), rich`, `)}?`;
    return answerText(rich`There is no rule ${codeWords(clip(asked, 80))}.${near}`);
  }
  const { id, description, titles, who, commands, fix } = told;
  const said = titles.slice(0, 5).map((title) => rich`• ${clip(title, 200)}`);
  const button = fix ? rich`A button may fix it: ${codeWords(fix)}. ` : rich``;
  return message(`${id}: ${description}`, [
    [section(rich`${bold(id)}\n${clip(description, 600)}`)],
    [section(join([bold('A finding says'), ...said], rich`\n`))],
    ...(who ? [[section(rich`${bold('To do')}, by ${clip(who, 200)}:`), code(commands.join('\n'))]] : []),
    [context(rich`${button}The whole page: docs/causes/${id}.md`)],
  ]);
}
