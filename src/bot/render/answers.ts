/** Answers to one person, and what one person asks of others. */
import { callsAs } from '../../model/approval.ts';
import type { MessageContent } from '../../model/thread.ts';
import { describeError, errorTable } from '../../errors.ts';
import { actions, type Button, code, message, notification, section } from './blocks.ts';
import { buttonIds } from './buttons.ts';
import { reviewButton } from './plan-words.ts';
import { bold, clipWords, codeWords, join, nothing, person, rich, words, type Rich } from './rich.ts';
import type { ShownPlan } from './run-state.ts';
import { sentence } from '../../model/words.ts';

export function answerText(text: Rich, ...buttons: readonly Button[]): MessageContent {
  return {
    text: notification(words(text)),
    blocks: [section(text), ...(buttons.length > 0 ? [actions(...buttons)] : [])],
  };
}

/** What a person is told of an error: what happened, and what to do. Details are in the log. */
export function failureText(error: unknown, what: string): Rich {
  const { code, retryable, next } = describeError(error);
  return rich`:warning: ${what}: ${errorTable[code].message}. ${retryable ? 'Try again in a minute.' : next}`;
}

/** What was not understood, in one line, with what may have been meant. */
export function unclearText(
  command: string,
  { problem, example }: { readonly problem: string; readonly example: string },
): Rich {
  return rich`${sentence(problem)} Did you mean: ${codeWords(`${command} ${example}`.trim())}`;
}

/** For a person whose words are none of these. */
export function notUnderstood(inThread: boolean): MessageContent {
  const examples = inThread
    ? ['again', 'why', 'from node:NAME', 'port 8080/tcp', 'wait 60', 'cancel']
    : ['diagnose NAMESPACE/POD', 'status', 'help'];
  return answerText(rich`I understand ${join(examples.map(codeWords), rich`, `)}.`);
}

const shownNames = 5;

/** For a reply in a thread of several diagnoses that does not say which one it is about. */
export function whichRun(reply: string, names: readonly string[]): MessageContent {
  const examples = names.slice(0, shownNames).map((name) => codeWords(`${reply} ${name}`));
  const more = names.length > shownNames ? rich` and ${names.length - shownNames} more` : nothing;
  return answerText(
    rich`This thread has ${names.length} diagnoses. Say which one: ${join(examples, rich`, `)}${more}.`,
  );
}

/** For words to an alert, in a thread without one. */
export const noAlert = rich`This thread has no alert.`;

/** Where no dialog can ask. */
export function askWords(command: string): Rich {
  return rich`Which pod? Say ${codeWords(`${command} diagnose NAMESPACE/POD`.trim())}.`;
}

/** For a person who may not decide about a plan. */
export function askApproversButton(plan: string): Button {
  return { action: buttonIds.askApprovers, label: 'Ask the approvers', value: plan };
}

/** Calls those who may decide, once a plan. */
export function approvalWantedMessage(
  { record: { plan } }: ShownPlan,
  by: string,
  approvers: readonly string[],
): MessageContent {
  const called = join(approvers.slice(0, 5).map(person), rich` `);
  const who = by === callsAs ? rich`This fix waits for your approval` : rich`${person(by)} asks you to decide`;
  const wish = rich`${called} ${who}: ${bold(clipWords(plan.title, 12))}`;
  return message(words(wish), [[section(wish), actions(reviewButton(plan))]]);
}

/** A worker of an older version knows nothing of a plan but its name. */
export function planUnreadMessage({ action }: { readonly action: 'apply' | 'rollback' }): MessageContent {
  const what = action === 'apply' ? 'Nothing was applied' : 'Nothing was rolled back';
  const text = rich`${what}: the worker cannot read this plan.`;
  const why = rich`A newer version made it, or it is no longer stored.`;
  const next = rich`Upgrade every worker, then run the diagnosis again.`;
  return message(words(text), [[section(rich`:warning: ${text} ${why} ${next}`)]]);
}

const commands = [
  ['diagnose NS/POD [from SOURCE] [port N/tcp]', 'find out why a pod is unreachable'],
  ['policy NS/POD [from SOURCE port N/tcp]', 'which policies select it, and what they say'],
  ['status', 'is the bot well, and what can it not see'],
  ['node NAME', 'a node, and what was found there'],
  ['runs', 'the last diagnoses'],
  ['fixes', 'fixes that wait, and what became of others'],
  ['explain RULE', 'a cause, and what to do about it'],
  ['cancel [RUN]', 'end a diagnosis'],
  ['report RUN', 'a draft of the incident report, as a file'],
  ['fixes off', 'apply nothing until fixes on (approvers)'],
] as const;

export function helpMessage(command: string): MessageContent {
  const promise = rich`I only read. If I can fix the cause, I offer a fix, and apply it after an approval.`;
  const example = `${command} diagnose default/mypod from pod:default/client port 8080/tcp`;
  const kinds = ['pod:NS/NAME', 'node:NAME', 'outside:ADDRESS'].map(codeWords);
  const sources = rich`${codeWords('SOURCE')} is one of ${join(kinds, rich`, `)}.`;
  const free = rich`Without ${codeWords('from')} I choose senders.`;
  const ports = rich`${free} Without ${codeWords('port')} I try the declared TCP ports, or ping.`;
  const toAlerts = ['ack', 'snooze 1h', 'mute', 'unmute'].map(codeWords);
  const replies = ['again', 'why', 'from node:NAME', 'cancel'].map(codeWords);
  return message('How to ask', [
    [section(rich`${bold('I find out why a pod is unreachable')}. ${promise}`)],
    [code([example, ...commands.map(([usage, does]) => `${command} ${usage}  # ${does}`)].join('\n'))],
    [section(rich`${sources} ${ports}`)],
    [
      section(
        rich`In the thread of a diagnosis reply ${join(replies, rich`, `)}. Mention me, or write to me directly.`,
      ),
    ],
    [section(rich`In the thread of an alert reply ${join(toAlerts, rich`, `)}.`)],
  ]);
}
