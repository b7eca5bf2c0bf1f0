import { expect, test } from '@jest/globals';
import { WebAPIRequestError } from '@slack/web-api';
import { createSlackApp } from '../../src/adapters/slack-app.ts';
import { createSlackOutage } from '../../src/adapters/slack-outage.ts';
import { until } from '../../tools/lab/run.ts';
import { startWorkspace } from '../../tools/slack-workspace/start-workspace.ts';

function outage() {
  const said: string[] = [];
  return { said, ...createSlackOutage((level, text) => void said.push(`${level}: ${text}`)) };
}

test('two connections that are lost and made anew are told once', () => {
  const { said, failed, up } = outage();
  const [one, other] = [{}, {}];
  for (const connection of [one, other, one, other]) failed(connection, new Error('away'));
  up(one);
  expect(said).toHaveLength(1);
  up(other);
  expect(said).toEqual([
    'warn: Slack does not answer over Socket Mode (away). Trying again, at least every 40 s',
    'info: Slack answers over Socket Mode again',
  ]);
  failed(one, new Error('away'));
  expect(said).toHaveLength(3);
});

test('a connection that Slack renews at once is not told', () => {
  const { said, up } = outage();
  up({});
  expect(said).toEqual([]);
});

test('says what the system said, and not that a fetch failed', () => {
  const { said, failed } = outage();
  const refused = Object.assign(new Error('connect ECONNREFUSED 192.0.2.1:443'), { code: 'ECONNREFUSED' });
  failed({}, new WebAPIRequestError(new TypeError('fetch failed', { cause: refused })));
  expect(said).toEqual([expect.stringContaining('(connect ECONNREFUSED 192.0.2.1:443)')]);
});

test('the SDK does not repeat in the log what the outage says', async () => {
  const workspace = await startWorkspace();
  const said: string[] = [];
  const { bot_token: token, app_token: appToken } = workspace.start;
  const app = createSlackApp({
    token: () => token,
    apiUrl: workspace.apiUrl,
    mode: { kind: 'socket', appToken: () => appToken },
    handlers: {} as never,
    log: (level, text) => void said.push(`${level}: ${text}`),
    onRefused: (error) => void said.push(String(error)),
  });
  try {
    await app.start();
    workspace.fault({ method: 'apps.connections.open', kind: 'disconnect', times: 3 });
    workspace.fault({ method: 'socket', kind: 'disconnect', abrupt: true });
    await until('the loss', 30, async () => (app.connections() === 2 ? null : true));
    await until('the connections', 30, async () => (app.connections() === 2 ? true : null));
  } finally {
    await app.stop();
    await workspace.stop();
  }
  expect(said).toEqual([]);
});
