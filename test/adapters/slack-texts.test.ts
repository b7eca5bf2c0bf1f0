import { expect, test } from '@jest/globals';
import type { WebClient } from '@slack/web-api';
import { createClock } from '../../src/adapters/clock.ts';
import { createWhisper } from '../../src/adapters/slack-people.ts';
import { createSlackThread } from '../../src/adapters/slack-thread.ts';

test('every message asks Slack to make no links of its text', async () => {
  const calls: (readonly [string, object])[] = [];
  const record = (name: string) => async (options: object) => {
    calls.push([name, options]);
    return { ok: true, channel: 'C0ONCALL', ts: '1.1' };
  };
  const client = {
    chat: { postMessage: record('postMessage'), update: record('update'), postEphemeral: record('postEphemeral') },
  } as unknown as WebClient;
  const thread = createSlackThread({ client, clock: createClock() });
  const content = { text: 'see evil.example', blocks: [] };
  await thread.post({ channel: 'C0ONCALL', thread: null, key: 'k', content });
  await thread.edit({ channel: 'C0ONCALL', ts: '1.1' }, { channel: 'C0ONCALL', thread: null, key: 'k', content });
  await createWhisper({ client }).whisper({ user: 'U0BOB', channel: 'C0ONCALL', thread: null }, content);
  expect(calls.map(([name]) => name)).toEqual(['postMessage', 'update', 'postEphemeral']);
  for (const [, options] of calls) expect(options).toMatchObject({ parse: 'none', link_names: false });
  expect(calls[0]?.[1]).toMatchObject({ mrkdwn: false, unfurl_links: false, unfurl_media: false });
});
