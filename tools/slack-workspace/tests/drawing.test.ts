import { beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { nodesOf, pageDrawing, textOfNode } from '../seen.ts';

const start = JSON.parse(readFileSync(new URL('../start.json', import.meta.url), 'utf8')) as {
  readonly users: object[];
  readonly channels: object[];
  readonly usergroups: object[];
};
let drawing: Awaited<ReturnType<typeof pageDrawing>>;
beforeAll(async () => {
  drawing = await pageDrawing({
    me: 'U0ALICE',
    users: start.users,
    channels: start.channels,
    usergroups: start.usergroups,
  });
});

const text = 'see https://evil.example/x, evil.example, #general and @carol :ghost: *bold*';
const drawn = (object: object) => {
  const [block] = drawing.renderBlocks([{ type: 'section', text: object }], null);
  if (!block) throw new Error('nothing was drawn');
  return {
    said: textOfNode(block),
    links: nodesOf(block)
      .filter(({ tag }) => tag === 'a')
      .map(textOfNode),
    mentions: nodesOf(block)
      .filter(({ className }) => className.includes('mention'))
      .map(textOfNode),
    strong: nodesOf(block)
      .filter(({ tag }) => tag === 'strong')
      .map(textOfNode),
  };
};

test('mrkdwn makes links of bare addresses and names, as Slack does', () => {
  expect(drawn({ type: 'mrkdwn', text })).toMatchObject({
    links: ['https://evil.example/x', 'evil.example'],
    mentions: ['#general', '@carol'],
    strong: ['bold'],
  });
});

test('verbatim mrkdwn makes none, but keeps styles, emoji and references', () => {
  expect(drawn({ type: 'mrkdwn', text: `${text} <@U0BOB>`, verbatim: true })).toEqual({
    said: 'see https://evil.example/x, evil.example, #general and @carol 👻 bold @Bob Lindqvist',
    links: [],
    mentions: ['@Bob Lindqvist'],
    strong: ['bold'],
  });
});

test('plain text shows emoji, unless it says that it does not', () => {
  expect(drawn({ type: 'plain_text', text })).toMatchObject({
    said: text.replace(':ghost:', '👻'),
    links: [],
    strong: [],
  });
  expect(drawn({ type: 'plain_text', text, emoji: false })).toMatchObject({
    said: text,
    links: [],
    mentions: [],
    strong: [],
  });
});

test('text elements of rich text are drawn as they are', () => {
  const [block] = drawing.renderBlocks(
    [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }] }],
    null,
  );
  expect(block && textOfNode(block)).toBe(text);
  expect(block && nodesOf(block).filter(({ tag }) => tag !== 'div')).toEqual([]);
});
