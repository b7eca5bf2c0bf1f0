import { describe, expect, test } from '@jest/globals';
import { createAlertEndpoint, InvalidAlert, type AlertEndpointOptions } from '../../src/bot/alert-endpoint.ts';

const token = 'a-token-of-alertmanager';
const warned: string[] = [];

function deliver(query: string, change: Partial<AlertEndpointOptions> = {}) {
  const endpoint = createAlertEndpoint({
    token, channel: 'oncall', channels: ['#alerts', 'C0PAGER'], warn: (what) => void warned.push(what),
    receive: async (_payload, channel) => ({ channel }), ...change,
  });
  return endpoint({ query: new URLSearchParams(query), authorization: `Bearer ${token}`, body: '{}' });
}

describe('the channel', () => {
  test.each([['', 'oncall'], ['channel=oncall', 'oncall'], ['channel=%23oncall', '#oncall'], ['channel=alerts', 'alerts'], ['channel=C0PAGER', 'C0PAGER']])('?%s is taken', async (query, channel) => {
    expect(await deliver(query)).toEqual({ status: 200, body: { channel } });
  });

  test.each(['channel=general', 'channel=', 'channel=C0OTHER', 'channel=oncall%0A', 'channel=oncallx', 'channel=__proto__'])('?%s is refused', async (query) => {
    expect(await deliver(query)).toEqual({ status: 400, body: { error: 'ALERT_CHANNELS does not list this channel' } });
  });

  test('without a default, the address has to name one that is listed', async () => {
    expect(await deliver('', { channel: null })).toMatchObject({ status: 400 });
    expect(await deliver('channel=oncall', { channel: null })).toMatchObject({ status: 400 });
    expect(await deliver('channel=alerts', { channel: null })).toMatchObject({ status: 200 });
  });
});

test('it answers in time when nothing answers it, and asks for another delivery', async () => {
  warned.length = 0;
  expect(await deliver('', { answerMs: 20, receive: () => new Promise(() => undefined) })).toMatchObject({ status: 503 });
  expect(warned).toEqual(['alerts could not be taken']);
});

test('a payload that is none is refused for good', async () => {
  expect(await deliver('', { receive: () => Promise.reject(new InvalidAlert('no payload')) })).toEqual({ status: 400, body: { error: 'no payload' } });
});
