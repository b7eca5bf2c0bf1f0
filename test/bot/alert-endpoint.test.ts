import { describe, expect, test } from '@jest/globals';
import { ProgramError } from '../../src/errors.ts';
import type { KnownCluster } from '../../src/model/known-clusters.ts';
import type { Received, RunSurface } from '../../src/runs/surface.ts';
import { createAlertEndpoint, remembered, type AlertEndpointOptions } from '../../src/bot/alert-endpoint.ts';

const token = 'a-token-of-alertmanager';
const warned: string[] = [];
const unmapped: Received[] = [];

const known = (name: string, alertChannel: string | null): KnownCluster => ({ name, channels: [], alertChannel });

const bearer = `Bearer ${token}`;

function deliver(query: string, change: Partial<AlertEndpointOptions> = {}, authorization: string | null = bearer) {
  const endpoint = createAlertEndpoint({
    token: () => token,
    basicAuth: null,
    clusters: [known('default', 'oncall')],
    channels: ['#alerts', 'C0PAGER'],
    warn: (what) => void warned.push(what),
    mayPost: async () => null,
    tellUnmapped: async (received) => void unmapped.push(...received),
    runs: {
      receiveAlerts: async (_payload, { channel, cluster }) => ({
        alerts: [{ alert: channel ?? 'its own', ignored: cluster ?? '' }],
        more: 0,
      }),
    },
    ...change,
  });
  return endpoint({ query: new URLSearchParams(query), authorization, body: '{}' });
}

const receiving = (receiveAlerts: RunSurface['receiveAlerts']) => ({ receiveAlerts });

describe('who is let in', () => {
  const nameAndPassword = 'prömetheus:a-pass:word-of-its-own';
  const basicAuth = () => nameAndPassword;
  const basic = (text: string) => `Basic ${Buffer.from(text, 'utf8').toString('base64')}`;
  test.each([
    ['the token', {}, bearer, 200],
    ['nothing', {}, null, 401],
    ['an empty header', {}, '', 401],
    ['a scheme alone', { basicAuth }, 'Basic ', 401],
    ['another token', {}, 'Bearer x', 401],
    ['a name and password that are not set', {}, basic(nameAndPassword), 401],
    ['the name and password', { basicAuth }, basic(nameAndPassword), 200],
    ['the token beside them', { basicAuth }, bearer, 200],
    ['the name and password alone', { token: null, basicAuth }, basic(nameAndPassword), 200],
    ['a token that is not set', { token: null, basicAuth }, 'Bearer null', 401],
    ['another password', { basicAuth }, basic('prömetheus:a-pass:word-of-its-owm'), 401],
    ['a part of the password', { basicAuth }, basic('prömetheus:a-pass'), 401],
    ['the password of another name', { basicAuth }, basic('root:a-pass:word-of-its-own'), 401],
    ['the password as a token', { basicAuth }, `Bearer ${basicAuth}`, 401],
    ['anything where neither is set', { token: null }, bearer, 403],
  ])('%s', async (_, options, authorization, status) => {
    expect((await deliver('', options, authorization)).status).toBe(status);
  });
});

describe('the channel', () => {
  test.each([
    ['', 'its own'],
    ['channel=oncall', 'oncall'],
    ['channel=%23oncall', '#oncall'],
    ['channel=alerts', 'alerts'],
    ['channel=C0PAGER', 'C0PAGER'],
  ])('?%s is taken', async (query, channel) => {
    expect(await deliver(query)).toEqual({ status: 200, body: { alerts: [{ alert: channel, ignored: '' }], more: 0 } });
  });

  test.each([
    'channel=general',
    'channel=',
    'channel=C0OTHER',
    'channel=oncall%0A',
    'channel=oncallx',
    'channel=__proto__',
  ])('?%s is refused', async (query) => {
    expect(await deliver(query)).toEqual({ status: 400, body: { error: 'ALERT_CHANNELS does not list this channel' } });
  });

  test('without a default, the address has to name one that is listed', async () => {
    expect(await deliver('', { clusters: [known('default', null)] })).toMatchObject({ status: 400 });
    expect(await deliver('channel=oncall', { clusters: [known('default', null)] })).toMatchObject({ status: 400 });
    expect(await deliver('channel=alerts', { clusters: [known('default', null)] })).toMatchObject({ status: 200 });
  });
});

describe('the cluster', () => {
  const clusters = [known('east', 'oncall-east'), known('west', null)];
  test.each([
    ['cluster=east', 200, { alerts: [{ alert: 'its own', ignored: 'east' }] }],
    ['cluster=west&channel=oncall-east', 200, { alerts: [{ alert: 'oncall-east', ignored: 'west' }] }],
    ['cluster=est', 400, { error: '"est" is not a cluster of this bot: did you mean "east"?' }],
    ['cluster=', 400, { error: '"" is not a cluster of this bot: use east, west' }],
  ])('?%s', async (query, status, body) => {
    expect(await deliver(query, { clusters })).toMatchObject({ status, body });
  });
});

test('it answers in time when nothing answers it, and asks for another delivery', async () => {
  warned.length = 0;
  expect(await deliver('', { answerMs: 20, runs: receiving(() => new Promise(() => undefined)) })).toMatchObject({
    status: 503,
  });
  expect(warned).toEqual(['alerts could not be taken']);
});

test('a payload that is none is refused for good', async () => {
  expect(
    await deliver('', { runs: receiving(() => Promise.reject(new ProgramError('invalid-alert', 'no payload'))) }),
  ).toMatchObject({ status: 400, body: { error: expect.stringMatching(/^no payload\. /) } });
});

test('a channel that cannot be posted to is an error to Alertmanager, and nothing is taken', async () => {
  const answer = await deliver('', {
    mayPost: async () => 'Slack: not_in_channel',
    runs: receiving(() => Promise.reject(new Error('taken'))),
  });
  expect(answer).toMatchObject({
    status: 503,
    body: { error: expect.stringMatching(/oncall \(Slack: not_in_channel\)/) },
  });
});

test('where one of several channels cannot be posted to, the others get their alerts', async () => {
  const clusters = [known('east', 'oncall-east'), known('west', 'oncall-west')];
  let taken = 0;
  const answer = await deliver('', {
    clusters,
    mayPost: async (channel) => (channel === 'oncall-west' ? 'Slack: is_archived' : null),
    runs: receiving(async () => ({ alerts: [], more: (taken += 1) })),
  });
  expect([answer.status, taken]).toEqual([503, 1]);
});

test('what is not diagnosed is said; if it cannot be said, the delivery is asked for again', async () => {
  expect((await deliver('')).status).toBe(200);
  expect(unmapped.at(-1)).toEqual({ alert: 'its own', ignored: '' });
  expect((await deliver('', { tellUnmapped: () => Promise.reject(new Error('away')) })).status).toBe(503);
});

test('a channel that can be posted to is asked about once a minute, one that cannot each time', async () => {
  let [asked, now] = [0, 0];
  const check = remembered(
    async (channel) => {
      asked += 1;
      return channel === 'bad' ? 'no' : null;
    },
    { now: () => new Date(now) },
  );
  for (const channel of ['good', 'good', 'bad', 'bad']) await check(channel);
  expect(asked).toBe(3);
  now = 61_000;
  expect([await check('good'), asked]).toEqual([null, 4]);
});
