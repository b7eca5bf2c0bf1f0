/** How much a phone at night has to show, counted on the threads of test/golden/texts.md. */
import { expect, test } from '@jest/globals';
import { keptTexts } from '../golden/texts.ts';

interface GoldenThread {
  readonly title: string;
  readonly notification: string;
  /** The parent first. */
  readonly messages: readonly string[];
}

const section =
  keptTexts()
    .split('\n## ')
    .find((part) => part.startsWith('Threads of captured clusters')) ?? '';

const threads: readonly GoldenThread[] = section
  .split('\n### ')
  .slice(1)
  .map((part) => {
    const [thread = ''] = part.split('\n#### ');
    const [title = '', notification = '', ...messages] = thread.split('\n\n');
    return {
      title,
      notification: notification.replace(/^Notification: /, ''),
      messages: messages
        .filter((message) => message.startsWith('>'))
        .map((message) => message.replaceAll(/^> ?/gm, '')),
    };
  });

const wordsIn = (text: string) => text.split(/\s+/).filter((word) => word !== '').length;

test('ten threads are golden', () => {
  expect(threads.length).toBeGreaterThanOrEqual(10);
});

test.each(threads)('$title: the notification is short, and names the pod and what is so', ({ notification }) => {
  expect(notification.length).toBeGreaterThan(20);
  expect(notification.length).toBeLessThanOrEqual(150);
  expect(notification.replaceAll('\u2060', '')).toMatch(
    /default\/\w+ (?:is (?:un)?reachable|answers)|Not known whether default\/\w+ is reachable/,
  );
});

test.each(threads)('$title: the parent says it in 120 words, with a button', ({ messages: [parent = ''] }) => {
  expect(wordsIn(parent)).toBeLessThanOrEqual(120);
  expect(parent).toMatch(/^\[.*(?:Review fix|Retry|Re-check).*\]$/m);
});

test.each(threads)('$title: the thread has at most 6 messages and 400 words', ({ messages }) => {
  expect(messages.length).toBeLessThanOrEqual(6);
  expect(wordsIn(messages.join('\n'))).toBeLessThanOrEqual(400);
});

test.each(threads)('$title: what is so, why, how it is known and what to do are in the parent', ({ messages }) => {
  const [parent = ''] = messages;
  expect(parent).toMatch(/is (?:un)?reachable|cannot tell|answers/);
  if (/ is reachable/.test(parent.split('\n')[0] ?? '') || parent.includes('Reachable now')) return;
  if (parent.includes('cannot tell'))
    expect(parent).toMatch(/Not checked.*\n.*To do:|The command is with the evidence/);
  else {
    expect(parent).toMatch(/Cause: |\d causes:/);
    expect(parent).toMatch(/Proof|proof|[Ii]nferred, not proven/);
    expect(parent).toMatch(/To do|Ask /);
  }
});
