/** What a message may hold of other people's words, checked as a browser draws it. */
import { beforeAll, expect } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { MessageContent, ScreenView } from '../../src/model/thread.ts';
import { checkMessageBlocks } from '../../tools/slack-workspace/block-kit/check-blocks.ts';
import { checkView as checkSlackView } from '../../tools/slack-workspace/block-kit/check-view.ts';
import { linesOfNode, nodesOf, pageDrawing, textOfNode, type SeenNode } from '../../tools/slack-workspace/seen.ts';

const start = JSON.parse(readFileSync(new URL('../../tools/slack-workspace/start.json', import.meta.url), 'utf8')) as {
  readonly users: object[];
  readonly channels: object[];
  readonly usergroups: object[];
};

export let draw: (content: MessageContent) => SeenNode;
let drawText: (text: string) => SeenNode;
let renderView: (blocks: readonly object[]) => readonly SeenNode[];

beforeAll(async () => {
  const { renderBlocks, mrkdwn } = await pageDrawing({
    me: 'U0ALICE',
    users: start.users,
    channels: start.channels,
    usergroups: start.usergroups,
  });
  draw = ({ blocks }) => ({
    tag: 'section',
    className: '',
    children: renderBlocks(checkMessageBlocks(blocks.map((block) => ({ ...block }))), null),
  });
  renderView = (blocks) => renderBlocks(blocks, null);
  drawText = (text) => ({ tag: 'section', className: '', children: mrkdwn(text) });
});

/** Ids, words of a fixed list, and times of ours: what the types do not let others write. */
export const ours = new Set([
  'run',
  'plan',
  'id',
  'thread',
  'channel',
  'type',
  'status',
  'state',
  'verdict',
  'proof',
  'kind',
  'risk',
  'protocol',
  'schema',
  'flow',
  'at',
  'startedAt',
  'expiresAt',
  'updatedAt',
]);

/** A dialog, checked as a message is, beside the limits of views. */
export function checkView(view: ScreenView): void {
  expect(() => checkSlackView(view)).not.toThrow();
  checkDrawn({
    tag: 'section',
    className: '',
    children: renderView(view.blocks.map((block) => ({ ...block }))),
  });
  expect(JSON.stringify(view).length).toBeLessThan(100_000);
}

/** @param marks whether signs of styles stay characters; `typed`: of a command, whose words lose the quotes around them */
export function check(content: MessageContent, marks: boolean | 'typed' = true): void {
  const seen = draw(content);
  expect(content.blocks.length).toBeGreaterThan(0);
  expect(JSON.stringify(content.blocks).length).toBeLessThanOrEqual(12_100);
  expect(content.text.length).toBeLessThanOrEqual(150);
  checkDrawn(seen, linksOf(content.blocks));
  if (marks !== false) checkMarks(seen, marks === 'typed');
  const notified = drawText(content.text);
  checkDrawn(notified);
  expect(nodesOf(notified)).toHaveLength(1);
  expect(content.text).not.toMatch(/[\n\r\u0085\u2028\u2029]|[<>]|:\/\/|[#@](?:general|carol|channel)/);
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const fields = Object.fromEntries(Object.entries(value));
    if (fields['type'] === 'mrkdwn') {
      expect(fields['verbatim']).toBe(true);
      expect(fields['text']).toMatch(
        /^(?:<@[UW][A-Z0-9]+>|<!subteam\^S[A-Z0-9]+>|<!date\^\d+\^\{time\}\|\d\d:\d\d UTC>|:[a-z_]+:)$/,
      );
    }
    if (fields['type'] === 'plain_text') expect(fields['emoji']).toBe(false);
    Object.values(value).forEach(visit);
  };
  visit(content.blocks);
}

/** The links of blocks, as they may be drawn: an alert's own two, and each says which host it leads to. */
function linksOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(linksOf);
  const fields = Object.fromEntries(Object.entries(value));
  if (fields['type'] !== 'link') return Object.values(value).flatMap(linksOf);
  const { host, protocol } = new URL(String(fields['url']));
  expect(protocol).toMatch(/^https?:$/);
  const shown = /^(?:runbook|graph) \((…?)(\S+)\)$/.exec(String(fields['text']));
  expect(shown?.[1] === '…' ? host.endsWith(shown[2] ?? '') && host.length > 60 : shown?.[2] === host).toBe(true);
  return [String(fields['text'])];
}

function checkDrawn(seen: SeenNode, links: readonly string[] = []): void {
  const nodes = nodesOf(seen);
  expect(nodes.filter(({ tag }) => tag === 'a').map(textOfNode)).toEqual(links);
  expect(nodes.filter(({ tag, className }) => tag === 'img' || className.includes('mention')).map(textOfNode)).toEqual(
    [],
  );
  const all = textOfNode(seen);
  expect(all).not.toContain('👻');
  expect(all).not.toMatch(/(?![\t\n])[\p{Cc}\u200B\u202A-\u202E\u2066-\u2069]/u);
  expect(all.isWellFormed()).toBe(true);
  expect(linesOfNode(seen).filter((line) => /\p{Zs}{20}/u.test(line))).toEqual([]);
  expect(
    linesOfNode(seen).filter((line) =>
      line
        .trimStart()
        .replaceAll(/^[>•\s]+/g, '')
        .startsWith('EVILLINE'),
    ),
  ).toEqual([]);
}

/** Signs of styles are there as characters, and style nothing. */
function checkMarks(seen: SeenNode, isTyped: boolean): void {
  const nodes = nodesOf(seen);
  const all = textOfNode(seen);
  for (const [word, mark] of [
    ['evilbold', '*'],
    ['evilitalic', '_'],
    ['evilstrike', '~'],
    ['evilcode', '`'],
  ] as const) {
    expect(nodes.some((node) => ['strong', 'em', 's', 'code'].includes(node.tag) && textOfNode(node) === word)).toBe(
      false,
    );
    if (isTyped && mark === '`') continue; // it is a quote, too
    expect(
      all
        .split(word)
        .slice(0, -1)
        .filter((before) => !before.endsWith(mark)),
    ).toEqual([]);
  }
}
