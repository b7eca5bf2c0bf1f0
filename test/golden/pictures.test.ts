/**
 * Every screen of the bot, drawn by a browser from the page of the workspace, on a phone and on a desk. With PICTURES,
 * the same tests write what docs/images holds, or all screens into another folder:
 *
 *     PICTURES=docs/images npm run jest -- test/golden/pictures.test.ts
 *
 * The machine needs Chromium, and for pictures a font with emoji, such as Debian's fonts-noto-color-emoji.
 */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chromium, type Browser, type Page } from 'playwright-core';
import { createClock } from '../../src/adapters/clock.ts';
import { createPng } from '../../src/adapters/png.ts';
import { createSlackApp, type SlackApp } from '../../src/adapters/slack-app.ts';
import { createSlackClient } from '../../src/adapters/slack-client.ts';
import { createScreens } from '../../src/adapters/slack-screens.ts';
import { createSlackThread } from '../../src/adapters/slack-thread.ts';
import { pathPicture } from '../../src/bot/render/path-picture.ts';
import { runMessages } from '../../src/bot/render/run-messages.ts';
import type { RunEventBody } from '../../src/model/runs.ts';
import type { MessageContent } from '../../src/model/thread.ts';
import { startWorkspace, type Workspace } from '../../tools/slack-workspace/start-workspace.ts';
import { sizes, type Size } from '../support/screens.ts';
import { firstCase } from '../bot/first-case.ts';
import { events, sampleRun } from '../bot/sample-run.ts';
import { answers, dialogs, home, threads } from './scenes.ts';

const docs = resolve(import.meta.dirname, '../../docs/images');
const folder = process.env['PICTURES'] ? resolve(process.env['PICTURES']) : null;
/** Those that the documents show. */
const documented: ReadonlySet<string> = new Set([
  'thread',
  'policy',
  'unclear',
  'evidence',
  'path',
  'review',
  'storm',
  'alert-resolved',
  'diagnose',
  'home',
]);
const channel = 'C0ONCALL';

let workspace: Workspace;
let app: SlackApp;
let browser: Browser;
const pages = new Map<Size, Page>();
const problems: string[] = [];

const nothing = () => Promise.resolve();

/** An app whose every command opens the dialog that it names. */
async function serveDialogs(): Promise<SlackApp> {
  const client = createSlackClient({ token: workspace.start.bot_token, apiUrl: workspace.apiUrl });
  const screens = createScreens({ client });
  await screens.publish('U0ALICE', home);
  const served = createSlackApp({
    token: () => workspace.start.bot_token,
    apiUrl: workspace.apiUrl,
    mode: { kind: 'socket', appToken: () => workspace.start.app_token },
    handlers: {
      async command({ text, trigger }) {
        const view = dialogs[text];
        if (view) await screens.open(trigger, view);
        return null;
      },
      click: nothing,
      submit: () => Promise.resolve(null),
      suggest: () => Promise.resolve({ options: [] }),
      shortcut: nothing,
      hear: nothing,
      posted: nothing,
      home: nothing,
    },
    log: () => undefined,
    onRefused: () => undefined,
  });
  await served.start();
  return served;
}

beforeAll(async () => {
  if (folder) mkdirSync(folder, { recursive: true });
  workspace = await startWorkspace();
  app = await serveDialogs();
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  for (const size of ['phone', 'desktop'] as const) {
    const page = await browser.newPage({ viewport: sizes[size] });
    page.setDefaultTimeout(50_000);
    page.on('pageerror', (error) => void problems.push(error.message));
    page.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())));
    pages.set(size, page);
  }
});
afterAll(async () => {
  await browser.close();
  await app.stop();
  await workspace.stop();
});

async function posted(content: MessageContent, thread: string): Promise<string> {
  const client = createSlackClient({ token: workspace.start.bot_token, apiUrl: workspace.apiUrl });
  const blocks = content.blocks.map((block) => ({ ...block }));
  const below = thread === '' ? {} : { thread_ts: thread };
  const { ts = '' } = await client.chat.postMessage({ channel, text: content.text, blocks, ...below });
  return ts;
}

/** Posts a run as the notifier would. @returns ts of its parent */
async function postedRun(bodies: readonly RunEventBody[]): Promise<string> {
  let parent = '';
  for (const { content } of runMessages(sampleRun, events(bodies))) {
    const ts = await posted(content, parent);
    parent ||= ts;
  }
  return parent;
}

/** Draws a place of the page as one who has just opened it: the verdict first. Nothing may be wider than the screen. */
async function draw(
  size: Size,
  place: string,
  ready: string,
  file: string,
  act: (page: Page) => Promise<void> = nothing,
): Promise<Page> {
  const page = pages.get(size);
  if (!page) throw new Error(`there is no page ${size}`);
  await page.goto('about:blank');
  await page.goto(`${workspace.url}/#user=U0ALICE&${place}`);
  await page.locator(ready).first().waitFor({ state: 'attached' });
  await page.evaluate(`for (const part of document.querySelectorAll('*')) if (part.scrollTop > 0) part.scrollTop = 0`);
  await act(page);
  const isWanted = folder !== null && (folder !== docs || documented.has(file));
  if (isWanted) await page.screenshot({ path: `${folder}/${file}${size === 'desktop' ? '' : '-phone'}.png` });
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(sizes[size].width);
  expect(problems.splice(0)).toEqual([]);
  return page;
}

const threadAt = (ts: string) => `channel=${channel}&thread=${ts}`;
const drawn = '#thread .message';

describe.each(['phone', 'desktop'] as const)('on a %s', (size) => {
  test.each(Object.keys(threads))(
    'the first screen of the thread %s holds the verdict and its buttons',
    async (name) => {
      const page = await draw(size, threadAt(await postedRun(threads[name] ?? [])), drawn, name);
      const box = await page.locator('#thread .message').first().locator('.actions').first().boundingBox();
      expect(box).not.toBeNull();
      expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThanOrEqual(sizes[size].height);
    },
  );

  test.each(Object.keys(answers))('the answer %s is drawn', async (name) => {
    const { below, content } = answers[name] ?? { below: null, content: { text: '', blocks: [] } };
    const { ts } = workspace.message({ bot: 'Alertmanager', channel, text: below ?? 'A thread' });
    await posted(content, ts);
    const page = await draw(size, threadAt(ts), drawn, name);
    expect(await page.locator('#thread .message').count()).toBe(2);
  });

  test.each(['Approve', 'Reject'])('%s asks before it decides, in words that fit', async (name) => {
    const place = threadAt(await postedRun(threads['thread'] ?? []));
    const page = await draw(size, place, drawn, `confirm-${name.toLowerCase()}`, (on) =>
      on.locator('#thread').getByRole('button', { name, exact: true }).first().click(),
    );
    const asked = page.getByRole('dialog').getByRole('button', { name, exact: true });
    const box = await asked.boundingBox();
    expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThanOrEqual(sizes[size].height);
  });

  test.each(Object.keys(dialogs))('the dialog %s is drawn', async (name) => {
    await workspace.command({ user: 'alice', channel: 'oncall', text: `/calico ${name}` });
    await draw(size, `channel=${channel}`, 'dialog.modal', name);
    for (const view of workspace.views('alice')) await workspace.close({ user: 'alice', view_id: view.id });
  });

  test('the way of the packet is a picture in the thread, as wide as a phone, with its words beside it', async () => {
    const ts = await postedRun(threads['thread'] ?? []);
    const verdict = firstCase.find((body) => body.type === 'verdict')?.verdict;
    const picture = verdict ? pathPicture(verdict) : null;
    const content = picture && (await createPng({ warn: (what) => void problems.push(what) })(picture.svg));
    if (!picture || !content) throw new Error('there is no picture');
    const client = createSlackClient({ token: workspace.start.bot_token, apiUrl: workspace.apiUrl });
    const { alt } = picture;
    await createSlackThread({ client, clock: createClock() }).share({
      channel,
      thread: ts,
      name: 'path.png',
      title: 'The way of the packet',
      alt,
      content,
    });
    const page = await draw(size, threadAt(ts), '#thread .picture', 'path', async (on) => {
      await on.waitForFunction(`document.querySelector('#thread .picture').naturalWidth > 0`);
      await on.locator('#thread .picture').scrollIntoViewIfNeeded();
    });
    const shown = page.locator('#thread .picture');
    expect(await shown.getAttribute('alt')).toBe(alt);
    expect((await shown.boundingBox())?.width).toBeGreaterThan(280);
  });

  test('the Home tab is drawn', async () => {
    const page = await draw(size, 'channel=home', '.home', 'home');
    expect(await page.locator('.home').innerText()).toMatch(/Fixes that wait for you[^]*Open the thread[^]*The bot/);
  });
});
