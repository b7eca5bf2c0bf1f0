import { describe, expect, test } from '@jest/globals';
import { createClock, createReplayClock } from '../../src/adapters/clock.ts';

const start = new Date('2026-11-23T10:00:00.000Z');

describe('the time of a replay', () => {
  test('passes only while someone sleeps, and at once', async () => {
    const clock = createReplayClock(start);
    // In real time the test would never end.
    await clock.sleep(24 * 3_600_000);
    expect(clock.now().toISOString()).toBe('2026-11-24T10:00:00.000Z');
  });

  test('who sleeps shorter wakes earlier, even when it sleeps again and again', async () => {
    const clock = createReplayClock(start);
    const woken: string[] = [];
    const polling = (async () => {
      for (let turn = 1; turn <= 3; turn += 1) {
        await clock.sleep(100);
        woken.push(`poll ${turn}`);
      }
    })();
    await Promise.all([clock.sleep(250).then(() => woken.push('limit')), polling]);
    expect(woken).toEqual(['poll 1', 'poll 2', 'limit', 'poll 3']);
    expect(clock.now().getTime() - start.getTime()).toBe(300);
  });
});

describe.each([
  ['the real clock', createClock],
  ['the replayed clock', () => createReplayClock(start)],
])('%s', (_, make) => {
  test('a sleep ends with the reason of its signal', async () => {
    const reason = new Error('enough');
    await expect(make().sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const sleeping = make().sleep(60_000, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
  });
});
