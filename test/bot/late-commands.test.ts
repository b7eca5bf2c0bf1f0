/** Commands that take longer than Slack waits, and commands that Slack delivers again. */
import { expect, test } from '@jest/globals';
import { answerCommand, type CommandDeps } from '../../src/bot/commands.ts';
import type { MessageContent } from '../../src/model/thread.ts';
import type { SwitchedOff } from '../../src/plans/surface.ts';

const at = '2026-11-26T03:00:00.000Z';

/** @param settled what Redis waits for before it answers */
function bot(settled: Promise<unknown> = Promise.resolve()) {
  const turned: string[] = [];
  const told: MessageContent[] = [];
  const seen = new Set<string>();
  let off: SwitchedOff | null = null;
  const whispered = Promise.withResolvers<void>();
  const deps = {
    approvers: ['U0ALICE'],
    groups: { members: async () => [] },
    store: { once: async (key: string) => !seen.has(key) && seen.add(key).size > 0 },
    plans: {
      off: async () => off,
      turn: async (turn: 'on' | 'off', by: string) => {
        await settled;
        turned.push(turn);
        off = turn === 'off' ? { by, at } : null;
        return null;
      },
    },
    clock: { now: () => new Date(at) },
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
