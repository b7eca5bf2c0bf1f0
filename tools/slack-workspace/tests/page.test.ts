import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import type { App } from '@slack/bolt';
import type { KnownBlock } from '@slack/types';
import { chromium, type Browser, type Page } from 'playwright-core';
import { startWorkspace, type Workspace } from '../start-workspace.ts';
import { socketApp } from './bolt-app.ts';

// A browser on a busy machine takes its time.
jest.setTimeout(60_000);

const channel = 'C0ONCALL';
let browser: Browser;
let workspace: Workspace;
let app: App;
let page: Page;
let problems: string[];

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
});
afterAll(() => browser.close());

beforeEach(async () => {
  workspace = await startWorkspace();
  app = socketApp(workspace);
  registerListeners(app);
  await app.start();
  problems = [];
  page = await browser.newPage({ viewport: { width: 1300, height: 900 } });
  page.setDefaultTimeout(25_000);
  page.on('pageerror', (error) => void problems.push(error.message));
  page.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())));
});
afterEach(async () => {
  await page.close();
  await app.stop();
  await workspace.stop();
  expect(problems).toEqual([]);
});

const fixCard: KnownBlock[] = [
  {
    type: 'section',
    text: {
      type: 'mrkdwn',
      text: 'Create the profile `kns.default`\n```\n' + '-A cali-pri-kns.default '.repeat(30) + '\n```',
    },
  },
  {
    type: 'actions',
    elements: [
      {
        type: 'button',
        action_id: 'approve',
        value: 'p-1',
        style: 'primary',
        text: { type: 'plain_text', text: 'Approve' },
        confirm: {
          title: { type: 'plain_text', text: 'Create it?' },
          text: { type: 'mrkdwn', text: 'On *node-a*.' },
          confirm: { type: 'plain_text', text: 'Create' },
          deny: { type: 'plain_text', text: 'Not now' },
        },
      },
    ],
  },
];

/** An app of the shape that the workspace is for: a run with a thread, a fix that few may approve, a modal. */
function registerListeners(bolt: App): void {
  bolt.command('/calico', async ({ ack, command, client }) => {
    await ack();
    if (command.text === 'ask') {
      await client.views.open({
        trigger_id: command.trigger_id,
        view: {
          type: 'modal',
          callback_id: 'ask',
          title: { type: 'plain_text', text: 'Diagnose a pod' },
          submit: { type: 'plain_text', text: 'Start' },
          blocks: [
            {
              type: 'input',
              block_id: 'pod',
              label: { type: 'plain_text', text: 'Pod' },
              element: { type: 'plain_text_input', action_id: 'name' },
            },
            {
              type: 'input',
              block_id: 'other',
              optional: true,
              label: { type: 'plain_text', text: 'Other' },
              element: { type: 'external_select', action_id: 'target', min_query_length: 0 },
            },
          ],
        },
      });
      return;
    }
    const { ts } = await client.chat.postMessage({ channel, text: `Run of ${command.text}` });
    await client.chat.postMessage({ channel, thread_ts: ts ?? '', text: 'a fix', blocks: fixCard });
  });
  bolt.options('target', async ({ ack, options }) => {
    const names = ['shop/api-1', 'shop/web-0'].filter((name) => name.includes(options.value));
    const offered = names.map((name) => ({ text: { type: 'plain_text' as const, text: name }, value: name }));
    await (offered.length === 0
      ? ack({ options: [] })
      : ack({ option_groups: [{ label: { type: 'plain_text', text: 'Pods of shop' }, options: offered }] }));
  });
  bolt.view('ask', async ({ ack, view, client }) => {
    const { pod: typed, other } = view.state.values;
    const pod = other?.['target']?.selected_option?.value ?? typed?.['name']?.value ?? '';
    if (!pod.includes('/')) return ack({ response_action: 'errors', errors: { pod: 'Write NAMESPACE/POD.' } });
    await ack();
    await client.chat.postMessage({ channel, text: `Asked for ${pod}` });
  });
  bolt.action('approve', async ({ ack, body, client }) => {
    await ack();
    if (body.type !== 'block_actions' || !body.message) return;
    const thread = { channel, thread_ts: String(body.message['thread_ts']) };
    if (body.user.id === 'U0CAROL')
      await client.chat.postEphemeral({ ...thread, user: body.user.id, text: 'You may not approve this.' });
    else await client.chat.update({ channel, ts: body.message.ts, text: `Approved by <@${body.user.id}>` });
  });
  bolt.event('app_home_opened', async ({ event, client }) => {
    await client.views.publish({
      user_id: event.user,
      view: { type: 'home', blocks: [{ type: 'header', text: { type: 'plain_text', text: 'Latest runs' } }] },
    });
  });
}

async function write(text: string, where = '#composer'): Promise<void> {
  await page.locator(`${where} textarea`).fill(text);
  await page.locator(`${where} textarea`).press('Enter');
}

test('from a typed command to an approved fix, as two people see it', async () => {
  await page.goto(`${workspace.url}/#user=carol`);
  await write('/calico diagnose default/mypod');
  await page.getByText('Run of diagnose default/mypod').waitFor();
  await page.getByRole('button', { name: '1 reply' }).click();

  const thread = page.locator('#thread');
  await thread.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Not now' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await thread.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
  await thread.getByText('You may not approve this.').waitFor();
  await thread.getByText('Only visible to you').waitFor();

  await page.getByLabel('You are').selectOption('bob');
  await page.getByRole('button', { name: '1 reply' }).click();
  await thread.getByText('You may not approve this.').waitFor({ state: 'detached' });
  await thread.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
  await thread.getByText('Approved by').waitFor();
  await thread.getByText('@Bob Lindqvist').waitFor();
  await thread.getByRole('button', { name: 'Approve' }).waitFor({ state: 'detached' });
});

test('a press on a button counts, although its message changes before it is released', async () => {
  const { ts } = await app.client.chat.postMessage({ channel, text: 'a fix', blocks: fixCard });
  await page.goto(workspace.url);
  const box = await page.getByRole('button', { name: 'Approve' }).boundingBox();
  if (!box) throw new Error('the button is not drawn');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  const told = page.waitForResponse('**/_control/state*');
  const [, ...rest] = fixCard;
  const changed: KnownBlock = { type: 'section', text: { type: 'mrkdwn', text: 'Create it, said anew' } };
  await app.client.chat.update({ channel, ts: ts ?? '', text: 'a fix', blocks: [changed, ...rest] });
  await (await told).finished();
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  await page.mouse.up();
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
  await page.getByText('Approved by').waitFor();
});

test('a press on a button counts, although its message changed and the page does not know yet', async () => {
  const { ts } = await app.client.chat.postMessage({ channel, text: 'a fix', blocks: fixCard });
  await page.goto(workspace.url);
  await page.getByRole('button', { name: 'Approve' }).waitFor();
  await page.route('**/_control/state*', (route) => route.abort());
  await app.client.chat.update({ channel, ts: ts ?? '', text: 'a fix', blocks: fixCard.toReversed() });
  await page.getByRole('button', { name: 'Approve' }).click();
  const pressed = page.waitForResponse('**/_control/click');
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
  expect(await (await pressed).json()).toMatchObject({ acked: true });
  await page.close();
  // What is refused here is on purpose.
  problems = [];
});

test("a modal holds what was typed, shows the app's errors, and closes when the app is content", async () => {
  await page.goto(workspace.url);
  await write('/calico ask');
  const modal = page.getByRole('dialog');
  await modal.getByRole('button', { name: 'Start' }).click();
  await modal.getByText('Please complete this required field.').waitFor();
  await modal.getByLabel('Pod').fill('mypod');
  workspace.message({ user: 'bob', channel, text: 'meanwhile' });
  await page.getByText('meanwhile').waitFor();
  expect(await modal.getByLabel('Pod').inputValue()).toBe('mypod');
  await modal.getByRole('button', { name: 'Start' }).click();
  await modal.getByText('Write NAMESPACE/POD.').waitFor();
  await modal.getByLabel('Other').fill('nothing');
  await modal.getByText('No results').waitFor();
  await modal.getByLabel('Other').fill('web');
  await modal.getByText('Pods of shop').waitFor();
  await modal.getByRole('option', { name: 'shop/web-0' }).click();
  await modal.getByRole('button', { name: 'Start' }).click();
  await page.getByText('Asked for shop/web-0').waitFor();
  await modal.waitFor({ state: 'detached' });
});

test('messages, edits and replies of others appear by themselves; text is never taken for HTML', async () => {
  await page.goto(workspace.url);
  await page.locator('#composer textarea').waitFor();
  const { ts } = await app.client.chat.postMessage({
    channel,
    text: '<img src=x onerror=alert(1)> *bold* `code` <https://example.com|a link>',
  });
  await page.getByText('<img src=x onerror=alert(1)>').waitFor();
  expect(await page.locator('#messages img').count()).toBe(0);
  expect(await page.locator('#messages strong').first().textContent()).toBe('bold');
  expect(await page.getByRole('link', { name: 'a link' }).getAttribute('href')).toBe('https://example.com');
  await app.client.chat.update({ channel, ts: ts ?? '', text: 'edited text' });
  await page.getByText('edited text').waitFor();
  await page.getByText('(edited)').waitFor();
  await write('a line for all');
  await page.locator('#messages').getByText('a line for all').waitFor();
  expect(workspace.messages({ channel }).at(-1)).toMatchObject({ user: 'U0ALICE', text: 'a line for all' });
});

test('a thread takes replies, but no commands', async () => {
  const { ts } = workspace.message({ user: 'bob', channel, text: 'parent' });
  await page.goto(`${workspace.url}/#channel=${channel}&thread=${ts}`);
  await write('a reply', '#thread-composer');
  await page.locator('#thread').getByText('a reply').waitFor();
  expect(workspace.messages({ channel, thread_ts: ts }).at(-1)).toMatchObject({ thread_ts: ts, text: 'a reply' });
  await write('/calico diagnose a/b', '#thread-composer');
  await page.getByText('/calico is not supported in threads').waitFor();
});

test('a shared file shows its beginning, and the whole on demand', async () => {
  const content = Array.from({ length: 200 }, (_, index) => `line ${index}`).join('\n');
  await app.client.files.uploadV2({ channel_id: channel, filename: 'save.txt', content });
  await page.goto(workspace.url);
  await page.getByText('save.txt').waitFor();
  expect(await page.locator('.file pre').textContent()).not.toContain('line 199');
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.getByText('line 199').waitFor();
});

test('the Home tab is published when it is opened', async () => {
  await page.goto(workspace.url);
  await page.locator('[data-channel="home"]').click();
  await page.getByText('Latest runs').waitFor();
});

test('on a narrow screen nothing is wider than the screen, and the channels are behind a button', async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  const { ts } = await app.client.chat.postMessage({ channel, text: 'parent' });
  await app.client.chat.postMessage({ channel, text: 'fix', thread_ts: ts ?? '', blocks: fixCard });
  await page.goto(`${workspace.url}/#channel=${channel}&thread=${ts}`);
  await page.getByRole('button', { name: 'Approve' }).waitFor();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
  expect(await page.evaluate('document.querySelector("#thread-messages").scrollWidth')).toBeLessThanOrEqual(360);
  await page.getByRole('button', { name: 'Close thread' }).click();
  await page.getByRole('button', { name: 'Channels' }).click();
  await page.locator('[data-channel="C0GENERAL"]').click();
  await page.getByRole('heading', { name: '# general' }).waitFor();
});
