/** The whole bot on the page of the workspace: a person types and clicks in a browser, a worker diagnoses a house. */
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { createClock } from '../../src/adapters/clock.ts';
import { createJobQueues } from '../../src/adapters/queue.ts';
import { startJobWorkers } from '../../src/adapters/queue-workers.ts';
import { createSlackClient } from '../../src/adapters/slack-client.ts';
import { createUserGroups } from '../../src/adapters/slack-people.ts';
import { createSlackThread } from '../../src/adapters/slack-thread.ts';
import { permissionNow } from '../../src/bot/authorise.ts';
import { createNotifier } from '../../src/bot/notifier.ts';
import { jobHandlers } from '../../src/jobs/worker.ts';
import { offeredKey } from '../../src/model/offered-names.ts';
import type { Clock } from '../../src/model/ports.ts';
import { house, houseDeps, type House } from '../support/house.ts';
import type { Risk } from '../../src/model/risk.ts';
import { sizes, type Size } from '../support/screens.ts';
import { testSeals } from '../support/signing.ts';
import { redis, store, workspace } from './served-bot.ts';

let browser: Browser | null = null;

export async function openBrowser(): Promise<void> {
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
}

export async function closeBrowser(): Promise<void> {
  await browser?.close();
  browser = null;
}

/** What a person sees and does. */
export interface Person {
  readonly page: Page;
  readonly messages: Locator;
  readonly thread: Locator;
  /** Types a line in the channel. */
  say(text: string): Promise<void>;
  /** Types a line in the thread that is open. */
  reply(text: string): Promise<void>;
  /** Opens the thread of the newest message that has one. */
  openThread(): Promise<void>;
  /** Clicks a button of the thread, and says yes where it asks. */
  press(button: string, confirm?: string): Promise<void>;
  /** Errors that the page reported so far, and whether something is wider than the screen. */
  problems(): Promise<readonly string[]>;
  /** Keeps a picture of the screen, where the environment names a folder for it. */
  picture(name: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens the workspace as a person has it. @param user id of the person */
export async function personAt(size: Size, user: string, channel = 'C0ONCALL'): Promise<Person> {
  if (browser === null) throw new Error('no browser is open');
  const page = await browser.newPage({ viewport: sizes[size] });
  page.setDefaultTimeout(90_000);
  const errors: string[] = [];
  page.on('pageerror', (error) => void errors.push(error.message));
  page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())));
  await page.goto(`${workspace.url}/#user=${user}&channel=${channel}`);
  const [messages, thread] = [page.locator('#messages'), page.locator('#thread')];
  const write = async (where: string, text: string) => {
    const field = page.locator(`${where} textarea`);
    await field.fill(text);
    await field.press('Enter');
  };
  const press = async (button: string, confirm?: string): Promise<void> => {
    const [answer] = await Promise.all([
      page.waitForResponse('**/_control/click'),
      (async () => {
        await thread.getByRole('button', { name: button, exact: true }).last().click();
        if (confirm === undefined) return;
        await page.getByRole('dialog').getByRole('button', { name: confirm, exact: true }).click();
        await page.getByRole('dialog').waitFor({ state: 'detached' });
      })(),
    ]);
    const { error } = (await answer.json()) as { readonly error?: string };
    // The button was taken away meanwhile: a person looks for where it is now.
    if (error === 'element_not_found') await press(button, confirm);
  };
  return {
    page,
    messages,
    thread,
    say: (text) => write('#composer', text),
    reply: (text) => write('#thread-composer', text),
    async openThread() {
      await messages
        .getByRole('button', { name: /\d+ repl(y|ies)/ })
        .last()
        .click();
      await thread.locator('.message').first().waitFor();
    },
    press,
    async problems() {
      const wide = await page.evaluate('document.documentElement.scrollWidth');
      return Number(wide) > sizes[size].width ? [...errors, `the page is ${String(wide)} wide`] : errors;
    },
    async picture(name) {
      const folder = process.env['PICTURES'];
      if (folder) await page.screenshot({ path: `${folder}/${name}-${size}.png` });
    },
    close: () => page.close(),
  };
}

export interface HouseWorker {
  readonly world: House;
  /** Holds back what a fix does until it is called. */
  readonly let: () => void;
  /** Holds back what a run finds until it is called. */
  readonly letRun: () => void;
  stop(): Promise<void>;
}

const warn = () => undefined;

interface HouseWorkerOptions {
  /** What a fix does is held back. */
  readonly isHeld?: boolean;
  /** A run stops before it opens its cluster. */
  readonly isRunHeld?: boolean;
  readonly followUpMinutes?: readonly number[];
  /** As the bot has them: an approval of somebody else is refused where it is carried out. */
  readonly approvers?: readonly string[];
  /** As the bot has it. */
  readonly twoFrom?: Risk;
  /** Who is called when a fix waits. */
  readonly calls?: readonly string[];
}

/** A worker as `serve` starts it, with a house for a cluster. Each sleep of a probe is over at once. */
export function startHouseWorker({
  isHeld = false,
  isRunHeld = false,
  followUpMinutes = [],
  approvers = ['U0ALICE', '@platform'],
  twoFrom,
  calls,
}: HouseWorkerOptions = {}): HouseWorker {
  const world = house();
  const held = Promise.withResolvers<void>();
  const heldRun = Promise.withResolvers<void>();
  if (!isRunHeld) heldRun.resolve();
  if (isHeld) world.whileApplying = () => held.promise;
  const queues = createJobQueues({ address: redis.address, onError: () => undefined });
  const client = createSlackClient({ token: workspace.start.bot_token, apiUrl: workspace.apiUrl });
  const clock = createClock();
  const telling = { store, clock, queues, warn };
  const thread = createSlackThread({ client, clock });
  const own = houseDeps(world, store);
  const quick: Clock = { now: () => new Date(), sleep: async () => undefined };
  const handlers = jobHandlers({
    ...own,
    twoFrom: () => twoFrom ?? null,
    ...telling,
    async open(cluster) {
      await heldRun.promise;
      return { ...(await own.open(cluster)), clock: quick };
    },
    seals: testSeals,
    permission: permissionNow({
      approvers,
      groups: createUserGroups({ client, clock }),
      warn,
    }),
    ...(calls ? { approversOf: async () => calls } : {}),
    followUpMinutes,
    attention: { people: [], afterMinutes: 30, quiet: null },
    notify: createNotifier({ store, seals: testSeals, clock, thread, warn }),
    answer: async () => undefined,
    async leaveNames(wanted) {
      const names =
        wanted.namespace === null ? ['default', 'shop'] : [`${wanted.namespace}/mypod`, `svc:${wanted.namespace}/web`];
      await store.remember(offeredKey(wanted), JSON.stringify({ at: Date.now(), names }), 60);
    },
    refuseMissing: async () => false,
  });
  const workers = startJobWorkers(handlers, { address: redis.address, onError: () => undefined });
  return {
    world,
    let: () => held.resolve(),
    letRun: () => heldRun.resolve(),
    async stop() {
      held.resolve();
      heldRun.resolve();
      await workers.stop(2000);
      await queues.close();
    },
  };
}
