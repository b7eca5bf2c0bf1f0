/** Commands that take longer than Slack waits, and commands that Slack delivers again. */
import { expect, test } from '@jest/globals';
import { answerCommand, type CommandDeps } from '../../src/bot/commands.ts';
import type { MessageContent } from '../../src/model/thread.ts';
import { turnFixes } from '../../src/plans/fixes-switch.ts';
import type { AskedTurn } from '../../src/plans/surface.ts';
import { testSeals } from '../support/signing.ts';

const at = '2026-11-26T03:00:00.000Z';

/** @param settled what Redis waits for before it answers */
function bot(settled: Promise<unknown> = Promise.resolve()) {
  const turned: string[] = [];
  const told: MessageContent[] = [];
  const values = new Map<string, string>();
  const store = {
    recall: async (key: string) => values.get(key) ?? null,
    remember: async (key: string, value: string) => void values.set(key, value),
    forget: async (key: string) => values.delete(key),
    keepFirst: async (key: string, value: string) => values.get(key) ?? (values.set(key, value), value),
  };
  let seconds = 0;
  const clock = { now: () => new Date(Date.parse(at) + 1000 * (seconds += 1)) };
  const whispered = Promise.withResolvers<void>();
  const deps = {
    approvers: ['U0ALICE'],
    groups: { members: async () => [] },
    store,
    plans: {
      turn: async (turn: 'on' | 'off', by: string, asked: AskedTurn) => {
        await settled;
        const since = await turnFixes(
          { store, clock, audit: { append: async () => undefined }, seals: testSeals } as never,
          turn,
          by,
          asked,
        );
        if (since === null) turned.push(turn);
        return since;
      },
    },
    clock,
    warn: () => undefined,
    whisper: {
      whisper: async (_to: unknown, content: MessageContent) => {
        told.push(content);
        whispered.resolve();
      },
    },
  } as unknown as CommandDeps;
  const say = async (text: string, trigger: string) =>
    (await answerCommand(deps, { command: '/calico', text, user: 'U0ALICE', channel: 'C0ONCALL', trigger }))?.text;
  return { say, turned, told, whispered: whispered.promise };
}

test('what does not end in time is not called undone, and its end is told', async () => {
  const redis = Promise.withResolvers<void>();
  const { say, turned, told, whispered } = bot(redis.promise);
  expect(await say('fixes off', '1')).toContain('Not confirmed yet');
  expect([turned, told]).toEqual([[], []]);
  redis.resolve();
  await whispered;
  expect(told.map((content) => content.text)).toEqual([expect.stringContaining('Fixes are off')]);
});

test('what fails late is told, too', async () => {
  const redis = Promise.withResolvers<void>();
  const { say, told, whispered } = bot(redis.promise);
  expect(await say('fixes off', '1')).toContain('Not confirmed yet');
  redis.reject(new Error('gone'));
  await whispered;
  expect(told.map((content) => content.text)).toEqual([expect.stringContaining('Not done')]);
});

test('an "on" that is delivered again does not undo an "off" that came between', async () => {
  const { say, turned } = bot();
  expect(await say('fixes on', '1')).toContain('Fixes are on');
  expect(await say('fixes off', '2')).toContain('Fixes are off');
  expect(await say('fixes on', '1')).toContain('Fixes stay off');
  expect(turned).toEqual(['on', 'off']);
  expect(await say('fixes on', '3')).toContain('Fixes are on');
});

test('an "off" that is delivered again does not undo an "on" that came between', async () => {
  const { say, turned } = bot();
  expect(await say('fixes off', '1')).toContain('Fixes are off');
  expect(await say('fixes on', '2')).toContain('Fixes are on');
  expect(await say('fixes off', '1')).toContain('Fixes stay on');
  expect(turned).toEqual(['off', 'on']);
  expect(await say('fixes off', '3')).toContain('Fixes are off');
});
