import { ulid } from 'ulid';
import { diagnosisJob } from '../jobs/catalogue.ts';
import type { JobQueues } from '../model/jobs.ts';
import type { MessageContent } from '../model/thread.ts';
import { parseCommand } from './command-grammar.ts';
import { within } from './deadline.ts';
import { refusedByLimit, type PersonLimitDeps } from './person-limit.ts';
import { answerText, helpMessage } from './render/answers.ts';
import { bold, codeWords, rich } from './render/rich.ts';

/** A slash command as Slack delivers it, once or more often. */
export interface SlashCommand {
  readonly command: string;
  readonly text: string;
  readonly user: string;
  readonly channel: string;
  /** The same for every delivery of one command. */
  readonly trigger: string;
}

export interface CommandDeps extends PersonLimitDeps {
  readonly queues: JobQueues;
  readonly cluster: string;
  readonly warn: (what: string, error: unknown) => void;
}

/** Slack waits three seconds for an answer. */
const budgetMs = 2000;
const onceSeconds = 3600;

/** Does what a command asks for. Settles within Slack's time whatever Redis does; its answer is for the person alone. */
export async function answerCommand(deps: CommandDeps, { command, text, user, channel, trigger }: SlashCommand): Promise<MessageContent> {
  const parsed = parseCommand(text);
  if (parsed.verb === 'help') return helpMessage(command);
  if (parsed.verb === 'unclear') return answerText(rich`${capital(parsed.problem)}. Did you mean: ${codeWords(`${command} ${parsed.example}`)}`);
  const target = { cluster: deps.cluster, ...parsed.asked };
  const pod = `${target.namespace}/${target.pod}`;
  try {
    const refusal = await within(budgetMs, (async () => {
      if (!(await deps.store.once(`command.${trigger}`, onceSeconds))) return null;
      const refused = await refusedByLimit(deps, user);
      if (refused !== null) return refused;
      const run = `r-${ulid()}`;
      await deps.queues.add(diagnosisJob({ run, target, requester: user, origin: { kind: 'command', channel, thread: null, joins: null }, alert: null }));
      return null;
    })());
    if (refusal !== null) return answerText(refusal);
    return answerText(rich`Checking ${bold(pod)}. The answer appears in this channel. If nothing appears, invite me to it.`);
  } catch (error) {
    deps.warn(`the diagnosis of ${pod} could not be queued`, error);
    return answerText(rich`:warning: Not started: my queue does not answer. Retry in a minute, or run ${codeWords(`calico-chatops diagnose ${pod}`)} on the operations host.`);
  }
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
