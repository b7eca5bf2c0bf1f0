import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { App } from '@slack/bolt';
import { startWorkspace, type Workspace } from '../start-workspace.ts';
import { socketApp } from './bolt-app.ts';

jest.setTimeout(30_000);

let workspace: Workspace;
let app: App;

beforeEach(async () => {
  workspace = await startWorkspace({ eventRetryDelaysMs: [0, 20, 20] });
  app = socketApp(workspace);
});

afterEach(async () => {
  await app.stop();
  await workspace.stop();
});

test('a slash command reaches the app, and its answer the channel', async () => {
  app.command('/calico', async ({ command, ack, client }) => {
    await ack(`looking at ${command.text}`);
    await client.chat.postMessage({ channel: command.channel_id, text: `asked by ${command.user_id}` });
  });
  await app.start();

  const outcome = await workspace.command({ user: 'alice', channel: 'oncall', text: '/calico diagnose default/mypod' });

  expect(outcome).toMatchObject({ acked: true, reason: null });
  await workspace.until(() => workspace.messages({ channel: 'oncall' }).length > 0);
  expect(workspace.messages({ channel: 'oncall', user: 'bob' }).map((one) => one['text'])).toEqual([
    'asked by U0ALICE',
  ]);
  const [said] = workspace.messages({ channel: 'oncall', user: 'alice' }).filter((one) => one['is_ephemeral']);
  expect(said?.['text']).toBe('looking at diagnose default/mypod');
});

test('a command that nobody acknowledges fails after three seconds, as people see it', async () => {
  app.command('/calico', async () => {});
  await app.start();
  const outcome = await workspace.command({ user: 'alice', channel: 'oncall', text: '/calico help' });
  expect(outcome).toMatchObject({ acked: false, reason: 'operation_timeout' });
  expect(outcome.ms).toBeGreaterThanOrEqual(2990);
  expect(workspace.messages({ channel: 'oncall', user: 'alice' })).toMatchObject([
    { text: '/calico failed with the error "operation_timeout"', user: 'USLACKBOT' },
  ]);
});

test('a button carries its message, value and response URL; the app edits the message in place', async () => {
  app.action('approve', async ({ ack, body, client, respond, action }) => {
    await ack();
    if (body.type !== 'block_actions' || action.type !== 'button') throw new Error('unexpected action');
    await client.chat.update({
      channel: body.channel?.id ?? '',
      ts: body.message?.ts ?? '',
      text: `approved ${action.value} by ${body.user.id}`,
    });
    await respond({ text: 'done', replace_original: false });
  });
  await app.start();
  const { ts } = await app.client.chat.postMessage({
    channel: 'C0ONCALL',
    text: 'a fix',
    blocks: [
      {
        type: 'actions',
        elements: [
          { type: 'button', action_id: 'approve', value: 'p-1', text: { type: 'plain_text', text: 'Approve' } },
        ],
      },
    ],
  });

  await workspace.click({ user: 'bob', channel: 'oncall', ts: ts ?? '', action_id: 'approve' });

  await workspace.until(() =>
    workspace.messages({ channel: 'oncall', user: 'bob' }).some((one) => one['text'] === 'done'),
  );
  const [message] = workspace.messages({ channel: 'oncall' });
  expect(message).toMatchObject({ text: 'approved p-1 by U0BOB', edited: { user: 'U0CALICO' } });
  expect(message).not.toHaveProperty('blocks');
});

test('clicking what is not there is refused', async () => {
  await app.start();
  const { ts } = await app.client.chat.postMessage({ channel: 'C0ONCALL', text: 'plain' });
  await expect(workspace.click({ user: 'bob', channel: 'oncall', ts: ts ?? '', action_id: 'approve' })).rejects.toThrow(
    'element_not_found',
  );
  await expect(workspace.click({ user: 'bob', channel: 'oncall', ts: '1.2', action_id: 'approve' })).rejects.toThrow(
    'message_not_found',
  );
});

test('a modal is opened with a trigger, refuses empty inputs, shows errors, and closes', async () => {
  app.command('/calico', async ({ ack, body, client }) => {
    await ack();
    await client.views.open({
      trigger_id: body.trigger_id,
      view: {
        type: 'modal',
        callback_id: 'ask',
        title: { type: 'plain_text', text: 'Diagnose' },
        submit: { type: 'plain_text', text: 'Go' },
        blocks: [
          {
            type: 'input',
            block_id: 'pod',
            label: { type: 'plain_text', text: 'Pod' },
            element: { type: 'plain_text_input', action_id: 'name' },
          },
        ],
      },
    });
  });
  const seen: string[] = [];
  app.view('ask', async ({ ack, view }) => {
    const value = view.state.values['pod']?.['name']?.value ?? '';
    seen.push(value);
    if (value.includes('/')) await ack();
    else await ack({ response_action: 'errors', errors: { pod: 'NAMESPACE/POD, please' } });
  });
  await app.start();
  await workspace.command({ user: 'carol', channel: 'oncall', text: '/calico' });
  const view = await workspace.until(() => workspace.views('carol')[0]);

  await expect(workspace.submit({ user: 'carol', view_id: view.id })).rejects.toThrow('required_input_missing');
  await expect(workspace.submit({ user: 'bob', view_id: view.id })).rejects.toThrow('view_not_found');
  const first = await workspace.submit({ user: 'carol', view_id: view.id, state: { pod: { name: 'mypod' } } });
  expect(first.errors).toEqual({ pod: 'NAMESPACE/POD, please' });
  expect(workspace.views('carol')).toHaveLength(1);
  await workspace.submit({ user: 'carol', view_id: view.id, state: { pod: { name: 'default/mypod' } } });
  expect(workspace.views('carol')).toEqual([]);
  expect(seen).toEqual(['mypod', 'default/mypod']);
});

test('mentions, messages and the Home tab come as events', async () => {
  const seen: string[] = [];
  app.event('app_mention', async ({ event }) => void seen.push(`mention ${event.text}`));
  app.message(async ({ message }) => void seen.push(`message ${message.subtype ?? 'plain'}`));
  app.event('app_home_opened', async ({ event, client }) => {
    await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: [{ type: 'divider' }] } });
  });
  await app.start();
  workspace.message({ user: 'alice', channel: 'oncall', text: '@calico hello' });
  workspace.message({ bot: 'Alertmanager', channel: 'oncall', text: 'firing' });
  workspace.message({ user: 'alice', channel: 'general', text: 'not for the app, which is not here' });
  workspace.openHome('alice');
  await workspace.until(() => workspace.home('alice'));
  expect(seen.toSorted()).toEqual(['mention <@U0CALICO> hello', 'message bot_message', 'message plain']);
});

test('an event whose acknowledgement is lost comes again, marked as a retry', async () => {
  const retries: (number | undefined)[] = [];
  const ids = new Set<string>();
  const cameTwice = Promise.withResolvers<void>();
  app.message(async ({ body, context }) => {
    retries.push(context.retryNum);
    ids.add(body.event_id);
    if (retries.length === 2) cameTwice.resolve();
  });
  await app.start();
  workspace.fault({ method: 'socket', kind: 'drop-answer' });
  workspace.message({ user: 'alice', channel: 'oncall', text: 'twice' });
  await cameTwice.promise;
  expect(retries).toEqual([0, 1]);
  expect(ids.size).toBe(1);
});

test('a recycled connection comes back, and commands reach it', async () => {
  app.command('/calico', async ({ ack }) => ack('here'));
  await app.start();
  expect(workspace.connections()).toBe(1);
  workspace.fault({ method: 'socket', kind: 'disconnect' });
  expect(workspace.connections()).toBe(0);
  expect(await workspace.command({ user: 'alice', channel: 'oncall', text: 'help' })).toMatchObject({
    acked: false,
    reason: 'dispatch_failed',
  });
  await workspace.until(() => workspace.connections() === 1, 20_000);
  expect(await workspace.command({ user: 'alice', channel: 'oncall', text: 'help' })).toMatchObject({ acked: true });
});

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

test('a workspace that has stopped leaves no timer, also where the app was away or kept silent', async () => {
  const before = timers();
  const own = await startWorkspace();
  const silent = socketApp(own);
  silent.command('/calico', async () => {});
  own.message({ user: 'bob', channel: 'oncall', text: 'nobody is connected' });
  await silent.start();
  const asked = own.command({ user: 'alice', channel: 'oncall', text: '/calico help' });
  await silent.stop();
  await own.stop();
  expect(timers()).toBeLessThanOrEqual(before);
  expect(await asked).toMatchObject({ acked: false });
});
