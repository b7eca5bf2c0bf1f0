/** Answers to one person. */
import type { MessageContent } from '../../model/thread.ts';
import { describeError, errorTable } from '../../errors.ts';
import { code, message, notification, section } from './blocks.ts';
import { bold, codeWords, rich, words, type Rich } from './rich.ts';

export function answerText(text: Rich): MessageContent {
  return { text: notification(words(text)), blocks: [section(text)] };
}

/** What a person is told of an error: what happened, and what to do. Details are in the log. */
export function failureText(error: unknown, what: string): Rich {
  const { code, retryable, next } = describeError(error);
  return rich`:warning: ${what}: ${errorTable[code].message}. ${retryable ? 'Try again in a minute.' : next}`;
}

export function helpMessage(command: string): MessageContent {
  const examples = [
    `${command} diagnose default/mypod`,
    `${command} diagnose default/mypod from pod:default/client port 8080/tcp`,
    `${command} diagnose default/mypod from node:node-1 port icmp`,
    `${command} diagnose default/mypod from outside:203.0.113.7 port 443/tcp`,
    `${command} diagnose svc:default/web from pod:default/client`,
    `${command} diagnose default/client to svc:default/web port 80/tcp`,
    `${command} cancel`,
  ];
  const promise = rich`I only read. If I can fix the cause, I offer a fix, and apply it after an approval.`;
  const ports = rich`without ${codeWords('port')} I try the TCP ports that the pod declares, or ping`;
  const choices = rich`Without ${codeWords('from')} I choose senders myself; ${ports}.`;
  const cancels = rich`${codeWords('cancel')} ends the diagnosis that you asked for last`;
  const ends = rich`${cancels}; ${codeWords('cancel RUN')} ends any other.`;
  return message('How to ask', [
    [section(rich`${bold('I find out why a pod is unreachable')}. ${promise}`)],
    [code(examples.join('\n'))],
    [section(rich`${choices} Each question gets one message in this channel, with what I saw in its thread. ${ends}`)],
  ]);
}
