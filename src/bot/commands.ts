import type { MessageContent } from '../model/thread.ts';
import { parseCommand } from './command-grammar.ts';
import { within } from './deadline.ts';
import { perform, type PerformDeps } from './perform.ts';
import { answerText, failureText, helpMessage, unclearText } from './render/answers.ts';
import type { SlashCommand } from '../model/slack-delivery.ts';

/** Slack waits three seconds for an answer. */
const budgetMs = 2000;
const onceSeconds = 3600;

/**
 * Does what a command asks for. Settles within Slack's time whatever Redis does; its answer is for the person alone.
 * @returns null where a dialog is the answer
 */
export async function answerCommand(
  deps: PerformDeps,
  { command, text, user, channel, trigger }: SlashCommand,
): Promise<MessageContent | null> {
  const parsed = parseCommand(text);
  if (parsed.verb === 'help') return helpMessage(command);
  if (parsed.verb === 'unclear') return answerText(unclearText(command, parsed));
  const isFirst = () => deps.store.once(`command.${trigger}`, onceSeconds);
  try {
    return await within(budgetMs, perform(deps, parsed, { command, user, channel, thread: null, trigger, isFirst }));
  } catch (error) {
    deps.warn(`the command ${parsed.verb} could not be taken up`, error);
    return answerText(failureText(error, notDone[parsed.verb] ?? 'Not answered'));
  }
}

const notDone: Readonly<Partial<Record<string, string>>> = {
  diagnose: 'Not started',
  ask: 'Not started',
  cancel: 'Not cancelled',
  fixes: 'Not done',
};
