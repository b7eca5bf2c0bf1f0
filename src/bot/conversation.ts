/** What people say to the bot: a mention, a direct message, a reply in the thread of a diagnosis. */
import { parseCommand } from './command-grammar.ts';
import { cancelFor } from './cancel.ts';
import { withGenuinePlans } from './genuine-plans.ts';
import { createMessageBook } from './message-book.ts';
import { perform, type PerformDeps } from './perform.ts';
import { refusedByLimit } from './person-limit.ts';
import { answerText, failureText, noAlert, notUnderstood, whichRun } from './render/answers.ts';
import { rich, type Rich } from './render/rich.ts';
import { whyMessage } from './render/why-message.ts';
import { runState } from './render/run-state.ts';
import { parseReply, type Reply } from './thread-grammar.ts';
import { addressed, namesOf, runsOfThread } from './thread-runs.ts';
import type { MessageContent, Whisper } from '../model/thread.ts';
import type { Said } from '../model/slack-delivery.ts';

export interface ConversationDeps extends PerformDeps {
  readonly whisper: Whisper;
}

const onceSeconds = 3600;
const oneDaySeconds = 86_400;

/** Never rejects: what went wrong is told to the person alone. Words that are not for the bot are passed over. */
export async function hear(deps: ConversationDeps, said: Said): Promise<void> {
  const { user, channel, thread } = said;
  const tell = (content: MessageContent) =>
    deps.whisper
      .whisper({ user, channel, thread }, content)
      .catch((error: unknown) => deps.warn(`${user} could not be answered`, error));
  try {
    const runs = thread === null ? [] : await createMessageBook(deps.store).runsOf(channel, thread);
    if (said.how === 'reply' && runs.length === 0) return;
    if (!(await deps.store.once(`said.${channel}.${said.ts}`, onceSeconds))) return;
    const content = await answerTo(deps, said, runs);
    if (content !== null) await tell(content);
  } catch (error) {
    deps.warn(`the words of ${user} could not be taken up`, error);
    if (said.how !== 'reply') await tell(answerText(failureText(error, 'Not done')));
  }
}

/** @param runs those of the thread, the one that was told last at the end */
async function answerTo(deps: ConversationDeps, said: Said, runs: readonly string[]): Promise<MessageContent | null> {
  const { user, channel, thread } = said;
  const words = wordsOf(said.text);
  const last = runs.at(-1) ?? null;
  if (last !== null && thread !== null) {
    const asker = { user, channel, thread };
    const answer = await inItsThread(deps, words, { runs, last, asker });
    if (answer !== notReply) return answer;
  }
  const parsed = parseCommand(words);
  if (parsed.verb !== 'unclear' && !(parsed.verb === 'help' && said.how === 'reply' && words !== 'help')) {
    // A diagnosis that somebody asks for in a thread has a message of its own in the channel.
    const where = { user, channel, thread: said.how === 'direct' ? null : thread };
    const asked = () => Promise.resolve({ at: deps.clock.now(), again: false });
    const asker = { ...where, command: '', trigger: null, isFirst: () => Promise.resolve(true), asked };
    return perform(deps, parsed, parsed.verb === 'diagnose' ? { ...asker, thread: null } : asker);
  }
  if (said.how === 'reply' && !(await deps.store.once(`not-understood.${channel}.${thread}.${user}`, oneDaySeconds)))
    return null;
  return notUnderstood(last !== null);
}

const notReply = Symbol('no reply');

/** A thread may be about several alerts: then a reply names one, or is for all where that does no harm. */
async function inItsThread(
  deps: ConversationDeps,
  words: string,
  {
    runs,
    last,
    asker,
  }: { readonly runs: readonly string[]; readonly last: string; readonly asker: Omit<ThreadAsker, 'run'> },
): Promise<MessageContent | null | typeof notReply> {
  const reply = parseReply(words);
  const several = runs.length > 1 ? await runsOfThread(deps.runs, runs) : [];
  if (several.length < 2) return reply ? inThread(deps, reply, { ...asker, run: last }) : notReply;
  const named = addressed(words, several);
  const toOne = named && parseReply(named.words);
  if (named && toOne) return inThread(deps, toOne, { ...asker, run: named.run });
  if (!reply) return notReply;
  // A reply that names another target asks about that one.
  if (reply.verb === 'again' && reply.change.name !== undefined) return inThread(deps, reply, { ...asker, run: last });
  if (reply.verb !== 'attend') return whichRun(words, [...namesOf(several).values()]);
  const answers: (MessageContent | null)[] = [];
  for (const { run } of several) answers.push(await inThread(deps, reply, { ...asker, run }));
  return answers.includes(null) ? null : (answers[0] ?? null);
}

interface ThreadAsker {
  readonly run: string;
  readonly user: string;
  readonly channel: string;
  readonly thread: string;
}

async function inThread(
  deps: ConversationDeps,
  reply: Reply,
  { run, user, channel, thread }: ThreadAsker,
): Promise<MessageContent | null> {
  if (reply.verb === 'cancel') return text(await cancelFor(deps, run, user));
  if (reply.verb === 'attend') {
    const { what, minutes } = reply;
    const isTaken = await deps.runs.attend(run, { what, by: user, ...(minutes === undefined ? {} : { minutes }) });
    return isTaken ? null : text(noAlert);
  }
  if (reply.verb === 'why') {
    const state = runState(run, withGenuinePlans(run, await deps.runs.events(run), deps.seals));
    return state ? whyMessage(state) : text(unknownRun);
  }
  const refused = await refusedByLimit(deps, user);
  if (refused !== null) return text(refused);
  const again = await deps.runs.startAgain(run, { requester: user, channel, thread, change: reply.change });
  if (typeof again === 'object' && again !== null) return text(rich`Not started: ${again.problem}.`);
  return again === null ? text(unknownRun) : null;
}

function text(said: Rich | null): MessageContent | null {
  return said === null ? null : answerText(said);
}

const unknownRun = rich`This run is no longer stored. Ask for a new diagnosis.`;

/** What is left without mentions; Slack writes three characters as entities. */
function wordsOf(text: string): string {
  return text
    .slice(0, 3000)
    .replaceAll(/<@[UW][A-Z0-9]{1,20}(?:\|[^>]{0,80})?>/g, ' ')
    .replaceAll(/<(?:https?:\/\/)?[^<|>\s]{1,300}\|([^<>]{1,300})>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .trim()
    .replace(/^\/?calico\s/i, '');
}
