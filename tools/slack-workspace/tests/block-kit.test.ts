import { expect, test } from '@jest/globals';
import { checkMessageBlocks, checkViewBlocks } from '../block-kit/check-blocks.ts';

const plain = (length: number): object => ({ type: 'plain_text', text: 'x'.repeat(length) });
const mrkdwn = (length: number): object => ({ type: 'mrkdwn', text: 'x'.repeat(length) });
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const button = (more: object = {}): object => ({ type: 'button', text: plain(1), ...more });
const actions = (...elements: object[]): object => ({ type: 'actions', elements });
const option = (value: string): object => ({ text: plain(1), value });
const rows = (count: number, cells: number): object[][] =>
  times(count, () => times(cells, () => ({ type: 'raw_text', text: 'x' })));

const atTheLimit: [string, object][] = [
  ['section text', { type: 'section', text: mrkdwn(3000) }],
  ['section fields', { type: 'section', fields: times(10, () => mrkdwn(100)) }],
  ['section field text', { type: 'section', fields: [mrkdwn(2000)] }],
  ['header', { type: 'header', text: plain(150) }],
  ['context', { type: 'context', elements: times(10, () => mrkdwn(1)) }],
  ['actions', actions(...times(25, (index) => button({ action_id: `a${index}` })))],
  ['button text', actions(button({ text: plain(75) }))],
  ['button value', actions(button({ value: 'x'.repeat(2000) }))],
  ['option value', actions({ type: 'static_select', options: [option('x'.repeat(75))] })],
  ['options', actions({ type: 'static_select', options: times(100, (index) => option(`${index}`)) })],
  ['overflow options', actions({ type: 'overflow', options: times(5, (index) => option(`${index}`)) })],
  ['radio options', actions({ type: 'radio_buttons', options: times(10, (index) => option(`${index}`)) })],
  [
    'confirm title',
    actions(button({ confirm: { title: plain(100), text: plain(300), confirm: plain(30), deny: plain(30) } })),
  ],
  ['block id', { type: 'divider', block_id: 'x'.repeat(255) }],
  ['action id', actions(button({ action_id: 'x'.repeat(255) }))],
  ['markdown', { type: 'markdown', text: 'x'.repeat(12_000) }],
  ['table rows', { type: 'table', rows: rows(100, 1) }],
  ['table cells', { type: 'table', rows: rows(1, 20) }],
  ['card body', { type: 'card', title: mrkdwn(150), body: mrkdwn(200) }],
];

test.each(atTheLimit)('%s is accepted at its limit', (_name, block) => {
  expect(checkMessageBlocks([block])).toHaveLength(1);
});

/** One past the limit, and where Slack points. */
const beyond: [string, object, string][] = [
  [
    'section text',
    { type: 'section', text: mrkdwn(3001) },
    'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
  ],
  ['section fields', { type: 'section', fields: times(11, () => mrkdwn(1)) }, '/blocks/0/fields]'],
  ['section field text', { type: 'section', fields: [mrkdwn(2001)] }, '/blocks/0/fields/0/text]'],
  ['empty section', { type: 'section' }, 'missing required field: text or fields'],
  ['empty text', { type: 'section', text: mrkdwn(0) }, 'must be more than 0 characters'],
  ['header', { type: 'header', text: plain(151) }, '/blocks/0/text/text]'],
  ['header of mrkdwn', { type: 'header', text: mrkdwn(1) }, '/blocks/0/text/type]'],
  ['context', { type: 'context', elements: times(11, () => mrkdwn(1)) }, '/blocks/0/elements]'],
  ['actions', actions(...times(26, (index) => button({ action_id: `a${index}` }))), '/blocks/0/elements]'],
  ['button text', actions(button({ text: plain(76) })), '/blocks/0/elements/0/text/text]'],
  ['button value', actions(button({ value: 'x'.repeat(2001) })), '/blocks/0/elements/0/value]'],
  ['button style', actions(button({ style: 'red' })), '/blocks/0/elements/0/style]'],
  ['unknown field', actions(button({ colour: 'red' })), 'invalid additional property: colour'],
  [
    'option value',
    actions({ type: 'static_select', options: [option('x'.repeat(76))] }),
    '/elements/0/options/0/value]',
  ],
  [
    'options',
    actions({ type: 'static_select', options: times(101, (index) => option(`${index}`)) }),
    '/elements/0/options]',
  ],
  ['same action id', actions(button({ action_id: 'a' }), button({ action_id: 'a' })), 'action_id'],
  ['confirm text', actions(button({ confirm: { text: plain(301) } })), '/confirm/text/text]'],
  ['block id', { type: 'divider', block_id: 'x'.repeat(256) }, '/blocks/0/block_id]'],
  ['markdown', { type: 'markdown', text: 'x'.repeat(12_001) }, '/blocks/0/text]'],
  ['table rows', { type: 'table', rows: rows(101, 1) }, '/blocks/0/rows]'],
  ['table cells', { type: 'table', rows: rows(1, 21) }, '/blocks/0/rows/0]'],
  ['task status', { type: 'task_card', task_id: 't', title: 't', status: 'completed' }, '/blocks/0/status]'],
  ['unknown type', { type: 'nonsense' }, 'unsupported type'],
  ['a file block', { type: 'file', source: 'remote', external_id: 'x' }, 'unsupported type'],
];

test.each(beyond)('%s is refused beyond it', (_name, block, where) => {
  expect(() => checkMessageBlocks([block])).toThrow(where);
});

test('a message has at most 50 blocks, with ids of their own, and 13,200 characters', () => {
  const divider = { type: 'divider' };
  expect(checkMessageBlocks(times(50, () => divider))).toHaveLength(50);
  expect(() => checkMessageBlocks(times(51, () => divider))).toThrow('no more than 50 items');
  expect(() =>
    checkMessageBlocks([
      { ...divider, block_id: 'a' },
      { ...divider, block_id: 'a' },
    ]),
  ).toThrow('already exists');
  expect(() => checkMessageBlocks(times(5, () => ({ type: 'section', text: mrkdwn(2700) })))).toThrow(
    'msg_blocks_too_long',
  );
  expect(() => checkMessageBlocks({})).toThrow('invalid_blocks_format');
});

test('blocks without a name get one, and their elements too', () => {
  const [block] = checkMessageBlocks([actions(button())]);
  expect(block).toMatchObject({
    block_id: expect.stringMatching(/./),
    elements: [{ action_id: expect.stringMatching(/./) }],
  });
});

test('plan and task_card do not mix; views take no tables and at most 100 blocks', () => {
  const task = { type: 'task_card', task_id: 't', title: 't', status: 'complete' };
  expect(checkMessageBlocks([{ type: 'plan', title: 'p', tasks: [task] }])).toHaveLength(1);
  expect(() => checkMessageBlocks([{ type: 'plan', title: 'p' }, task])).toThrow('cannot be mixed');
  expect(() => checkViewBlocks([{ type: 'table', rows: rows(1, 1) }])).toThrow('unsupported type');
  expect(() => checkViewBlocks(times(101, () => ({ type: 'divider' })))).toThrow('no more than 100 items');
});
