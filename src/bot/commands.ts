import type { MessageContent, Whisper } from '../model/thread.ts';
import { parseCommand } from './command-grammar.ts';
import { TooLate, within } from './deadline.ts';
import { perform, type PerformDeps } from './perform.ts';
import { answerText, failureText, helpMessage, unclearText } from './render/answers.ts';
import { rich } from './render/rich.ts';
import type { AskedTurn } from '../plans/surface.ts';
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
  const asked = () => askedFirst(deps, `command-asked.${trigger}`);
  const work = perform(deps, parsed, { command, user, channel, thread: null, trigger, isFirst, asked });
  const failed = (error: unknown) => {
    deps.warn(`the command ${parsed.verb} could not be taken up`, error);
    return answerText(failureText(error, notDone[parsed.verb] ?? 'Not answered'));
  };
  try {
    return await within(budgetMs, work);
  } catch (error) {
    if (!(error instanceof TooLate)) return failed(error);
    deps.warn(`the command ${parsed.verb} takes longer than Slack waits`, error);
    void tellEnd(deps, { user, channel, thread: null }, work.catch(failed));
    return answerText(
      rich`:hourglass: Not confirmed yet: it takes longer than 2 seconds. I tell you here how it ends.`,
    );
  }
}

/** A command may be delivered again. */
async function askedFirst({ store, clock }: CommandDeps, key: string): Promise<AskedTurn> {
  const now = clock.now().toISOString();
  const first = await store.keepFirst(key, now, onceSeconds);
  return { at: new Date(first), again: first !== now };
}

/** Never rejects. */
async function tellEnd(
  { whisper, warn }: CommandDeps,
  to: Parameters<Whisper['whisper']>[0],
  work: Promise<MessageContent | null>,
): Promise<void> {
  try {
    const content = await work;
    if (content !== null) await whisper.whisper(to, content);
  } catch (error) {
    warn(`${to.user} could not be told how a command ended`, error);
  }
}

const notDone: Readonly<Partial<Record<string, string>>> = {
  diagnose: 'Not started',
  ask: 'Not started',
  cancel: 'Not cancelled',
  fixes: 'Not done',
};
