/** Addresses of messages are asked for once, and a bot that runs for months keeps those that it was asked for last. */
import { expect, test } from '@jest/globals';
import { createMessageLinks } from '../../src/adapters/slack-links.ts';

test('the address of a message that was asked for lately is kept, however many were asked for before', async () => {
  const asked: string[] = [];
  const getPermalink = async ({ message_ts: ts }: { message_ts: string }) => (
    asked.push(ts),
    { permalink: `https://slack.example/${ts}` }
  );
  const links = createMessageLinks({ client: { chat: { getPermalink } } as never });
  for (let at = 0; at < 2000; at += 1) await links({ channel: 'C0ONCALL', ts: `${at}` });
  expect(await links({ channel: 'C0ONCALL', ts: '1999' })).toBe('https://slack.example/1999');
  expect(asked).toHaveLength(2000);
  await links({ channel: 'C0ONCALL', ts: '0' });
  expect(asked).toHaveLength(2001);
});

test('a message whose address Slack does not give has none, and is asked for again', async () => {
  let asked = 0;
  const getPermalink = () => ((asked += 1), Promise.reject(new Error('Slack is away')));
  const links = createMessageLinks({ client: { chat: { getPermalink } } as never });
  for (const _ of [1, 2]) expect(await links({ channel: 'C0ONCALL', ts: '1' })).toBeNull();
  expect(asked).toBe(2);
});
