/** The ways to ask the bot, as a person takes them on the page. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { detailed, grafana, pagerDuty } from '../runs/posted-alerts.ts';
import { closeBrowser, openBrowser, personAt, startHouseWorker, type HouseWorker, type Person } from './on-the-page.ts';
import type { Size } from '../support/screens.ts';
import { planRecord } from './sample-run.ts';
import { emptyRedis, endings, store, up, workspace } from './served-bot.ts';

let carol: Person;
let worker: HouseWorker;
const both: readonly Size[] = ['phone', 'desktop'];

beforeAll(openBrowser);
afterAll(closeBrowser);
beforeEach(async () => {
  await emptyRedis();
  await up('socket', { approvers: 'U0ALICE' });
  worker = startHouseWorker();
});
endings.push(async () => {
  const problems = await carol.problems();
  await carol.close();
  await worker.stop();
  expect(problems).toEqual([]);
});

const { blocks: pagerBlocks }: { readonly blocks?: unknown } = pagerDuty('Triggered', 4);
const isDiagnosed = (pod: string) =>
  carol.messages.locator('.message').filter({ hasText: pod }).filter({ hasText: 'The door is bare' }).waitFor();

describe.each(both)('on a %s', (size) => {
  test('a command without its pod opens a dialog, which offers names while one types', async () => {
    carol = await personAt(size, 'U0CAROL');
    await carol.say('/calico diagnose');
    const dialog = carol.page.getByRole('dialog');
    await dialog.getByLabel('Port').fill('99999999/tcp');
    await dialog.getByLabel('Pod or Service').fill('shop/my');
    await dialog.getByRole('option', { name: 'shop/mypod' }).click();
    await carol.picture('page-dialog');
    await dialog.getByRole('button', { name: 'Diagnose', exact: true }).click();
    await dialog.getByText(/is not a port: use a number/).waitFor();
    await dialog.getByLabel('Port').fill('8080/tcp');
    await dialog.getByRole('button', { name: 'Diagnose', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await isDiagnosed('shop/mypod');
  }, 300_000);

  test('a half-typed command opens its dialog with what was typed', async () => {
    carol = await personAt(size, 'U0CAROL');
    await carol.say('/calico diagnose shop/ port 8080/tcp');
    const dialog = carol.page.getByRole('dialog');
    await dialog.getByLabel('Or type it').waitFor();
    expect(await dialog.getByLabel('Or type it').inputValue()).toBe('shop/');
    expect(await dialog.getByLabel('Port').inputValue()).toBe('8080/tcp');
    await carol.picture('page-half');
    await dialog.getByLabel('Or type it').fill('shop/mypod');
    await dialog.getByRole('button', { name: 'Diagnose', exact: true }).click();
    await isDiagnosed('shop/mypod');
  }, 300_000);

  test('policy and node without an argument open a dialog', async () => {
    carol = await personAt(size, 'U0CAROL');
    const dialog = carol.page.getByRole('dialog');
    const show = () => dialog.getByRole('button', { name: 'Show', exact: true }).click();
    await carol.say('/calico policy');
    await dialog.getByLabel(/^Pod/).fill('shop/my');
    await dialog.getByRole('option', { name: 'shop/mypod' }).click();
    await carol.picture('page-policy-dialog');
    await show();
    await carol.messages.getByText('Reading shop/mypod').waitFor();
    await carol.say('/calico node');
    await dialog.getByLabel('Node').fill('a/b');
    await show();
    await dialog.getByText('is not a valid node name').waitFor();
    await dialog.getByLabel('Node').fill('n2');
    await carol.picture('page-node-dialog');
    await show();
    await carol.messages.getByText('Reading n2').waitFor();
  }, 300_000);

  test('an open question offers to wait for the traffic of a client', async () => {
    worker.world.fog = true;
    carol = await personAt(size, 'U0CAROL');
    await carol.say('/calico diagnose default/mypod port 8080/tcp');
    await carol.messages.getByRole('button', { name: 'Wait for traffic' }).click();
    const dialog = carol.page.getByRole('dialog');
    await dialog.getByLabel('Wait for real traffic').waitFor();
    expect(await dialog.getByLabel('Wait for real traffic').inputValue()).toBe('60');
    expect(await dialog.getByLabel('Pod or Service').inputValue()).toBe('default/mypod');
    expect(await dialog.getByLabel('Port').inputValue()).toBe('8080/tcp');
    await dialog.getByRole('button', { name: 'Diagnose', exact: true }).click();
    await dialog.getByText('Wait needs the client').waitFor();
    await carol.picture('page-wait');
    worker.world.fog = false;
    await dialog.getByLabel('From').fill('outside:198.51.100.7');
    await dialog.getByRole('button', { name: 'Diagnose', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await isDiagnosed('outside:198.51.100.7');
  }, 300_000);

  test('a mention, a reply in its thread, and a direct message are understood', async () => {
    carol = await personAt(size, 'U0CAROL');
    await carol.say('@calico diagnose default/mypod');
    await isDiagnosed('default/mypod');
    await carol.openThread();
    await carol.reply('from node/n2');
    await carol.thread.getByText('re-check asked').first().waitFor();
    await carol.reply('what?');
    await carol.thread.getByText('I understand').waitFor();
    await carol.thread.getByText('Only visible to you').first().waitFor();
    await carol.picture('page-reply');
    await carol.close();
    const own = workspace.message({ user: 'carol', channel: 'U0CAROL', text: 'hello' }).channel;
    carol = await personAt(size, 'U0CAROL', own);
    await carol.messages.getByText('I understand').waitFor();
    await carol.say('diagnose shop/other');
    await isDiagnosed('shop/other');
  }, 300_000);

  test('the shortcut on a post of Alertmanager takes its pod', async () => {
    const { attachments } = detailed('FIRING:1', 'posted');
    workspace.message({ bot: 'Alertmanager', channel: 'oncall', text: '', attachments });
    carol = await personAt(size, 'U0CAROL');
    const post = carol.messages.locator('.message').filter({ hasText: 'PodUnreachable' });
    await post.hover();
    await post.getByRole('button', { name: 'Diagnose this' }).click();
    const dialog = carol.page.getByRole('dialog');
    await dialog.getByLabel('Pod or Service').waitFor();
    expect(await dialog.getByLabel('Pod or Service').inputValue()).toBe('default/posted');
    await dialog.getByRole('button', { name: 'Diagnose', exact: true }).click();
    await isDiagnosed('default/posted');
  }, 300_000);

  test.each<[string, object, string, string]>([
    ['Grafana', { attachments: grafana(['api-0'], []).attachments }, 'FIRING:1', 'shop/api-0'],
    ['PagerDuty', { blocks: pagerBlocks }, 'checkout is unreachable', 'deploy:shop/checkout'],
  ])(
    'the shortcut on a post of %s takes its target',
    async (bot, post, title, target) => {
      workspace.message({ bot, channel: 'oncall', text: '', ...post });
      carol = await personAt(size, 'U0CAROL');
      const shown = carol.messages.locator('.message').filter({ hasText: title });
      await shown.hover();
      await shown.getByRole('button', { name: 'Diagnose this' }).click();
      const dialog = carol.page.getByRole('dialog');
      await dialog.getByLabel('Pod or Service').waitFor();
      expect(await dialog.getByLabel('Pod or Service').inputValue()).toBe(target);
      await dialog.getByRole('button', { name: 'Diagnose', exact: true }).click();
      await dialog.waitFor({ state: 'detached' });
    },
    300_000,
  );

  test('the Home tab has the runs of the person, and the fixes that wait for an approver', async () => {
    carol = await personAt(size, 'U0ALICE');
    await carol.say('/calico diagnose default/mypod');
    await isDiagnosed('default/mypod');
    await store.savePlan(planRecord('create-pod-profile'));
    await carol.page.goto('about:blank');
    await carol.page.goto(`${workspace.url}/#user=U0ALICE&channel=home`);
    const home = carol.page.locator('.home');
    await home.getByText('Fixes that wait for you').waitFor();
    await home.getByText('Do create-pod-profile').first().waitFor();
    await home
      .getByText(/default\/mypod is unreachable/)
      .first()
      .waitFor();
    await carol.picture('page-home');
  }, 300_000);
});
