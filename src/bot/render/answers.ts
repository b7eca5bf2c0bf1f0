/** Answers to one person. */
import type { MessageContent } from '../../model/thread.ts';
import { code, message, notification, section } from './blocks.ts';
import { bold, codeWords, rich, words, type Rich } from './rich.ts';

export function answerText(text: Rich): MessageContent {
  return { text: notification(words(text)), blocks: [section(text)] };
}

export function helpMessage(command: string): MessageContent {
  const examples = [
    `${command} diagnose default/mypod`,
    `${command} diagnose default/mypod from pod:default/client port 8080/tcp`,
    `${command} diagnose default/mypod from node:node-1 port icmp`,
    `${command} diagnose default/mypod from outside:203.0.113.7 port 443/tcp`,
  ];
  return message('How to ask', [
    [
      section(
        rich`${bold('I find out why a pod is unreachable')}. I only read. If I can fix the cause, I offer a fix, and apply it after an approval.`,
      ),
    ],
    [code(examples.join('\n'))],
    [
      section(
        rich`Without ${codeWords('from')} I choose the sources. Without ${codeWords('port')} I try the TCP ports that the pod declares, or ping. I answer with one message in this channel, and put the evidence into its thread.`,
      ),
    ],
  ]);
}
