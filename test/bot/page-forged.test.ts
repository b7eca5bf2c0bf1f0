/** Requests that are not Slack's, or that Slack sent before: what people see of them on the page is nothing. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Size } from '../support/screens.ts';
import { createWire, type KeptRequest, type Wire } from './kept-requests.ts';
import { closeBrowser, openBrowser, personAt, startHouseWorker, type HouseWorker, type Person } from './on-the-page.ts';
import { emptyRedis, endings, settles, store, up } from './served-bot.ts';

const people: Person[] = [];
let [worker, wire]: [HouseWorker | null, Wire | null] = [null, null];

beforeAll(openBrowser);
afterAll(closeBrowser);
beforeEach(emptyRedis);
endings.push(async () => {
  const problems = (await Promise.all(people.map((one) => one.problems()))).flat();
  await Promise.all(people.splice(0).map((one) => one.close()));
  await worker?.stop();
  await wire?.stop();
  [worker, wire] = [null, null];
  expect(problems).toEqual([]);
});

/** A bot behind a wire, and a thread with a fix that waits. */
async function begin(size: Size, user: string) {
  const between = createWire();
  wire = between;
  await up('http', { approvers: 'U0ALICE', wire: between.before });
  const house = startHouseWorker();
  worker = house;
  const person = await comes(size, user);
  await person.say('/calico diagnose default/mypod');
  await person.messages.getByText('The door is bare').first().waitFor();
  await person.openThread();
  await approveButtons(person).waitFor();
  return { between, house, person };
}

async function comes(size: Size, user: string): Promise<Person> {
  const person = await personAt(size, user);
  people.push(person);
  return person;
}
const runs = async () => (await store.runs(20)).length;
const approveButtons = (person: Person) => person.thread.getByRole('button', { name: 'Approve', exact: true });

/** Signed by somebody who does not have the secret of the app, now. */
function signedByAnother({ body, headers }: KeptRequest): KeptRequest {
  const at = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', 'another secret').update(`v0:${at}:${body}`).digest('hex');
  return { body, headers: { ...headers, 'x-slack-request-timestamp': at, 'x-slack-signature': `v0=${signature}` } };
}

test.each<Size>(['phone', 'desktop'])(
  'a forged approval is refused, and the fix still waits for its approver, on a %s',
  async (size) => {
    const { between, house, person: carol } = await begin(size, 'U0CAROL');
    await carol.press('Approve', 'Approve');
    await carol.thread.getByText('You cannot decide about this fix').waitFor();
    const kept = between.click('approve_fix');
    const asAlice = { ...kept, body: kept.body.replaceAll('U0CAROL', 'U0ALICE') };
    expect(asAlice.body).not.toBe(kept.body);
    expect(await between.send(asAlice)).toBe(401);
    expect(await between.send(signedByAnother(asAlice))).toBe(401);
    expect(await between.send({ ...asAlice, headers: { 'content-type': kept.headers['content-type'] ?? '' } })).toBe(
      401,
    );
    expect((await store.plans()).map(({ state }) => state)).toEqual(['proposed']);
    expect(await approveButtons(carol).count()).toBe(1);

    const alice = await comes(size, 'U0ALICE');
    await alice.openThread();
    await alice.press('Approve', 'Approve');
    await alice.thread.getByText('Fixed and verified').first().waitFor();
    expect(house.world.applied).toBe(1);
  },
  300_000,
);

test.each<Size>(['phone', 'desktop'])(
  'clicks that are sent again do nothing more, on a %s',
  async (size) => {
    const { between, house, person: alice } = await begin(size, 'U0ALICE');
    await alice.press('Approve', 'Approve');
    await alice.thread.getByText('Fixed and verified').first().waitFor();
    await alice.press('Roll back', 'Roll back');
    await alice.thread.getByText('Rolled back').first().waitFor();
    for (const action of ['approve_fix', 'rollback_fix']) expect(await between.send(between.click(action))).toBe(200);

    const before = await runs();
    await alice.press('Re-check');
    await settles(async () => (await runs()) === before + 1);
    const again = between.click('recheck');
    for (let times = 0; times < 3; times += 1) expect(await between.send(again)).toBe(200);
    // What was sent again would come before what is asked for now.
    await alice.reply('again');
    await settles(async () => (await runs()) >= before + 2);
    expect(await runs()).toBe(before + 2);
    expect(house.world).toMatchObject({ applied: 1, rolledBack: 1 });
    expect(await alice.thread.getByText('Rolled back').count()).toBeGreaterThan(0);
    await alice.picture('page-sent-again');
  },
  300_000,
);
