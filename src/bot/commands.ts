import type { MessageContent } from '../model/thread.ts';
import { cancelFor, type CancelDeps } from './cancel.ts';
import { describeTarget, type AskedFlow } from '../model/asked-flow.ts';
import { parseCommand } from './command-grammar.ts';
import { within } from './deadline.ts';
import { refusedByLimit, type PersonLimitDeps } from './person-limit.ts';
import { answerText, failureText, helpMessage } from './render/answers.ts';
import { bold, codeWords, rich, type Rich } from './render/rich.ts';

/** A slash command as Slack delivers it, once or more often. */
export interface SlashCommand {
  readonly command: string;
  readonly text: string;
  readonly user: string;
  readonly channel: string;
  /** The same for every delivery of one command. */
  readonly trigger: string;
}

export interface CommandDeps extends CancelDeps, PersonLimitDeps {
  readonly cluster: string;
}

/** Slack waits three seconds for an answer. */
const budgetMs = 2000;
const onceSeconds = 3600;

/**
 * Does what a command asks for. Settles within Slack's time whatever Redis does; its answer is for the person alone.
 */
export async function answerCommand(
  deps: CommandDeps,
  { command, text, user, channel, trigger }: SlashCommand,
): Promise<MessageContent> {
  const parsed = parseCommand(text);
  if (parsed.verb === 'help') return helpMessage(command);
  if (parsed.verb === 'unclear')
    return answerText(rich`${capital(parsed.problem)}. Did you mean: ${codeWords(`${command} ${parsed.example}`)}`);
  const isFirst = () => deps.store.once(`command.${trigger}`, onceSeconds);
  try {
    const answer = await within(
      budgetMs,
      parsed.verb === 'cancel'
        ? cancel(deps, parsed.run, user, isFirst)
        : diagnose(deps, parsed.asked, { user, channel }, isFirst),
    );
    return answerText(answer);
  } catch (error) {
    deps.warn(`the command ${parsed.verb} could not be taken up`, error);
    return answerText(failureText(error, parsed.verb === 'cancel' ? 'Not cancelled' : 'Not started'));
  }
}

async function diagnose(
  deps: CommandDeps,
  asked: AskedFlow,
  { user, channel }: Pick<SlashCommand, 'user' | 'channel'>,
  isFirst: () => Promise<boolean>,
): Promise<Rich> {
  if (await isFirst()) {
    const refused = await refusedByLimit(deps, user);
    if (refused !== null) return refused;
    const origin = { kind: 'command', channel, thread: null, joins: null } as const;
    await deps.runs.start({ target: { cluster: deps.cluster, ...asked }, requester: user, origin });
  }
  const target = bold(describeTarget(asked));
  return rich`Checking ${target}. The answer appears in this channel. If nothing appears, invite me to it.`;
}

async function cancel(
  deps: CommandDeps,
  named: string | null,
  user: string,
  isFirst: () => Promise<boolean>,
): Promise<Rich> {
  const run = named ?? (await deps.runs.lastOf(user));
  if (run === null) return rich`You asked for no diagnosis within the last day.`;
  const refused = (await isFirst()) ? await cancelFor(deps, run, user) : null;
  return refused ?? rich`Cancelled ${codeWords(run)}.`;
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
