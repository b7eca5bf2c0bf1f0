import { expect, test } from '@jest/globals';
import { WebAPIPlatformError } from '@slack/web-api';
import { EventEmitter } from 'node:events';
import { createSlackOutage } from '../../src/adapters/slack-outage.ts';
import { keepConnected, type SocketOptions } from '../../src/adapters/slack-socket.ts';
import { until } from '../../tools/lab/run.ts';

/** A client whose attempts to connect end as told, in their order; further ones succeed. */
function fakeClient(...outcomes: readonly (Error | undefined)[]) {
  const events = new EventEmitter();
  const left = [...outcomes];
  let attempts = 0;
  let renewedIn = 0;
  let token = 'xapp-1';
  const client = Object.assign(events, {
    async start() {
      attempts += 1;
      if (attempts === renewedIn) token = 'xapp-2';
      const outcome = left.shift();
      if (!outcome) return;
      // As the real one does, which also rejects.
      events.emit('disconnected');
      throw outcome;
    },
    disconnect: async () => void events.emit('disconnected'),
  });
  const said: string[] = [];
  const refusals: unknown[] = [];
  const options = {
    client,
    token: () => token,
    outage: createSlackOutage((_level, text) => void said.push(text)),
    onRefused: (error: unknown) => void refusals.push(error),
    firstPauseMs: 5,
  };
  return {
    socket: keepConnected(options as unknown as SocketOptions),
    drop: () => events.emit('disconnected'),
    attempts: () => attempts,
    /** This attempt began with another token than there is at its end. */
    renewIn: (attempt: number) => void (renewedIn = attempt),
    said,
    refusals,
  };
}
const platformError = (error: string) => new WebAPIPlatformError({ ok: false, error });

test("a first connection that fails is the caller's to handle", async () => {
  const { socket, attempts } = fakeClient(new Error('no'));
  await expect(socket.start()).rejects.toThrow('no');
  expect(attempts()).toBe(1);
});

test('a connection that is lost is made anew at once, and nothing is said', async () => {
  const { socket, drop, attempts, said } = fakeClient();
  await socket.start();
  drop();
  await until('another', 5, async () => (attempts() === 2 ? true : null));
  drop();
  await until('another', 5, async () => (attempts() === 3 ? true : null));
  expect(said).toEqual([]);
});

test('while Slack cannot be reached it tries again, and says what changes', async () => {
  const { socket, drop, attempts, said } = fakeClient(
    undefined,
    new Error('away'),
    new Error('away'),
    platformError('internal_error'),
    platformError('internal_error'),
  );
  await socket.start();
  drop();
  await until('the connection', 5, async () => (attempts() === 6 ? true : null));
  expect(said).toEqual([
    'Slack does not answer over Socket Mode (away). Trying again, at least every 40 s',
    expect.stringContaining('internal_error'),
    'Slack answers over Socket Mode again',
  ]);
});

test.each(['invalid_auth', 'token_revoked', 'account_inactive'])(
  'when Slack refuses the token (%s) it is reported, and not asked again',
  async (code) => {
    const { socket, drop, attempts, refusals } = fakeClient(undefined, platformError(code));
    await socket.start();
    drop();
    await until('the report', 5, async () => (refusals.length > 0 ? true : null));
    expect([attempts(), refusals]).toEqual([2, [expect.objectContaining({ data: { ok: false, error: code } })]]);
  },
);

test('a token that was renewed while Slack refused the old one is tried', async () => {
  const { socket, drop, attempts, refusals, renewIn } = fakeClient(undefined, platformError('token_revoked'));
  await socket.start();
  renewIn(2);
  drop();
  await until('the connection', 5, async () => (attempts() === 3 ? true : null));
  expect(refusals).toEqual([]);
});

test('a connection that was ended is not made anew', async () => {
  const { socket, drop, attempts } = fakeClient();
  await socket.start();
  await socket.stop();
  drop();
  expect(attempts()).toBe(1);
});
