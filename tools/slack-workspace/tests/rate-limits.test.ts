import { expect, test } from '@jest/globals';
import { createRateLimits } from '../state/rate-limits.ts';
import { startWorkspace } from '../start-workspace.ts';
import { webClient } from './web-client.ts';

test('posting to a channel passes in a short burst, then once a second; other channels are not held up', () => {
  let clock = 0;
  const limits = createRateLimits(() => clock);
  const post = (channel: string): number | null => limits.take('chat.postMessage', channel);
  expect(Array.from({ length: 6 }, () => post('a'))).toEqual([null, null, null, null, null, 1]);
  expect(post('b')).toBeNull();
  clock += 1000;
  expect([post('a'), post('a')]).toEqual([null, 1]);
});

test('a tier allows its calls a minute, over all channels', () => {
  let clock = 0;
  const limits = createRateLimits(() => clock);
  const update = (): number | null => limits.take('chat.update', `${clock}`);
  expect(Array.from({ length: 50 }, update).every((wait) => wait === null)).toBe(true);
  expect(update()).toBe(2);
  clock += 1200;
  expect([update(), update()]).toEqual([null, 2]);
});

test('a limited workspace answers 429 with Retry-After', async () => {
  const workspace = await startWorkspace({ rateLimits: true });
  try {
    const client = webClient(workspace);
    const posts = Array.from({ length: 6 }, () => client.chat.postMessage({ channel: 'C0ONCALL', text: 'x' }));
    const refused = (await Promise.allSettled(posts)).filter((one) => one.status === 'rejected');
    expect(refused).toHaveLength(1);
    expect(refused[0]?.reason).toMatchObject({ retryAfter: 1 });
    expect(workspace.messages({ channel: 'oncall' })).toHaveLength(5);
  } finally {
    await workspace.stop();
  }
});
