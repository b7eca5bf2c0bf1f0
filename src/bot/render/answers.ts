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
        rich`${bold('I find out why a pod cannot be reached')}, and offer to repair what I may. I look, and change nothing unless somebody approves it.`,
      ),
    ],
    [code(examples.join('\n'))],
    [
      section(
        rich`Without ${codeWords('from')} I choose senders myself; without ${codeWords('port')} I try the TCP ports that the pod declares, or ping. Each question gets one message in this channel, with what I saw in its thread.`,
      ),
    ],
  ]);
}
