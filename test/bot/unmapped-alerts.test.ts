import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createClock } from '../../src/adapters/clock.ts';
import { createChannelCheck } from '../../src/adapters/slack-channel.ts';
import { createSlackClient } from '../../src/adapters/slack-client.ts';
import { createSlackThread } from '../../src/adapters/slack-thread.ts';
import { tellUnmapped } from '../../src/bot/unmapped-alerts.ts';
import { linesOf, type ChannelMessage } from '../../tools/slack-workspace/client.ts';
import { startWorkspace, type Workspace } from '../../tools/slack-workspace/start-workspace.ts';
import { store } from '../runs/alert-store.ts';

let workspace: Workspace;
const client = () => createSlackClient({ token: workspace.start.bot_token, apiUrl: workspace.apiUrl });

beforeEach(async () => {
  workspace = await startWorkspace();
});
afterEach(() => workspace.stop());

const alert = (name: string) => ({
  alert: name,
  ignored: 'its labels name no pod, workload or Service',
  unmapped: {
    id: `r-${name}`,
    channel: 'oncall',
    labels: { alertname: name, instance: '192.0.2.7:9100', job: 'node' },
  },
});
const words = () =>
  workspace.messages({ channel: 'oncall' }).map((message) => linesOf(message as unknown as ChannelMessage).join('\n'));

test('alerts of one delivery that name nothing are one message, once, also when its answer is lost', async () => {
  const thread = createSlackThread({ client: client(), clock: createClock() });
  workspace.fault({ method: 'chat.postMessage', kind: 'drop-answer', times: 1 });
  const mapped = { alert: 'PodDown', run: 'r-1' };
  for (let i = 0; i < 2; i += 1) await tellUnmapped({ store, thread }, [alert('DiskFull'), mapped, alert('Watchdog')]);
  expect(words()).toHaveLength(1);
  expect(words()[0]).toMatch(/I cannot diagnose 2 alerts/);
  expect(words()[0]).toContain(
    'DiskFull: its labels name no pod, workload or Service. instance=192.0.2.7:9100 job=node',
  );
  expect(words()[0]).toContain('ALERT_TARGETS');
});

test('says why nothing can be posted to a channel, and joins one that it may join', async () => {
  const check = createChannelCheck({ client: client() });
  expect(await check('oncall')).toBeNull();
  expect(await check('no-such-channel')).toMatch(/no public channel no-such-channel/);
  expect(await check('C0NOWHERE')).toMatch(/channel_not_found/);
  workspace.fault({ method: 'conversations.info', kind: '500', times: 9 });
  workspace.fault({ method: 'conversations.list', kind: '500', times: 9 });
  expect(await check('oncall')).toBeNull();
});
