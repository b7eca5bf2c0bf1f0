import type { MessageContent, Whisper } from '../model/thread.ts';
import { parseCommand } from './command-grammar.ts';
import { TooLate, within } from './deadline.ts';
import { perform, type PerformDeps } from './perform.ts';
import { answerText, failureText, helpMessage, unclearText } from './render/answers.ts';
import { rich } from './render/rich.ts';
import type { SlashCommand } from '../model/slack-delivery.ts';

export interface CommandDeps extends PerformDeps {
  /** Tells how it ended what did not end in Slack's time. */
  readonly whisper: Whisper;
}

/** Slack waits three seconds for an answer. */
const budgetMs = 2000;
const onceSeconds = 3600;

/**
 * Does what a command asks for. Settles within Slack's time whatever Redis does; its answer is for the person alone.
 * @returns null where a dialog is the answer
 */
export async function answerCommand(
  deps: CommandDeps,
  { command, text, user, channel, trigger }: SlashCommand,
): Promise<MessageContent | null> {
  const parsed = parseCommand(text);
  if (parsed.verb === 'help') return helpMessage(command);
  if (parsed.verb === 'unclear') return answerText(unclearText(command, parsed));
  const isFirst = () => deps.store.once(`command.${trigger}`, onceSeconds);
  const work = perform(deps, parsed, { command, user, channel, thread: null, trigger, isFirst });
  const failed = (error: unknown) => {
    deps.warn(`the command ${parsed.verb} could not be taken up`, error);
    return answerText(failureText(error, notDone[parsed.verb] ?? 'Not answered'));
  };
  try {
    return await within(budgetMs, work);
  } catch (error) {
    if (!(error instanceof TooLate)) return failed(error);
    deps.warn(`the command ${parsed.verb} takes longer than Slack waits`, error);
    void work
      .catch(failed)
      .then(async (content) => {
        if (content !== null) await deps.whisper.whisper({ user, channel, thread: null }, content);
      })
      .catch((lost: unknown) => deps.warn(`${user} could not be told how ${parsed.verb} ended`, lost));
    return answerText(rich`:hourglass: Not confirmed yet: Redis is slow. I tell you here how it ends.`);
  }
}

const notDone: Readonly<Partial<Record<string, string>>> = {
  diagnose: 'Not started',
  ask: 'Not started',
  cancel: 'Not cancelled',
  fixes: 'Not done',
};
