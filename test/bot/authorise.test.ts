import type { WebClient } from '@slack/web-api';
import { beforeEach, expect, test } from '@jest/globals';
import { createUserGroups } from '../../src/adapters/slack-people.ts';
import { forPlan, mayApprove, permissionNow, type AuthoriseDeps } from '../../src/bot/authorise.ts';
import { operator, person } from '../support/signing.ts';

/** Slack's answers of the moment; null: it does not answer. */
let members: readonly string[] | null;
let asked: number;
let now: number;
let deps: AuthoriseDeps;
beforeEach(() => {
  members = ['U0BOB'];
  asked = 0;
  now = 0;
  const list = async () => {
    asked += 1;
    if (!members) throw new Error('no answer');
    return { ok: true, users: [...members] };
  };
  const client = {
    usergroups: {
      users: { list },
      list: async () => ({ ok: true, usergroups: [{ id: 'S0PLATFORM', handle: 'platform' }] }),
    },
  } as unknown as WebClient;
  const clock = { now: () => new Date(now), sleep: () => Promise.resolve() };
  deps = { approvers: ['U0ALICE', '@platform'], groups: createUserGroups({ client, clock }), warn: () => undefined };
});
const allowed = async (user: string) => (await mayApprove(deps, user)).allowed;

test('a member who is removed from the group approves no longer, from that moment on', async () => {
  expect(await allowed('U0BOB')).toBe(true);
  members = [];
  now += 1;
  expect(await allowed('U0BOB')).toBe(false);
});

test('many refusals cost one question a minute', async () => {
  for (let click = 0; click < 20; click += 1) expect(await allowed('U0EVE')).toBe(false);
  expect(asked).toBe(1);
  members = ['U0EVE'];
  now += 60_000;
  expect(await allowed('U0EVE')).toBe(true);
});

test('while Slack does not answer nobody of a group may approve, whatever was known, and may try again', async () => {
  expect(await allowed('U0BOB')).toBe(true);
  members = null;
  expect(await mayApprove(deps, 'U0BOB')).toEqual({
    allowed: false,
    why: 'Slack did not answer who may approve',
    retry: true,
  });
  expect(await allowed('U0ALICE')).toBe(true);
});

test('before an approval is used its person is asked about, except at the command line', async () => {
  const ask = permissionNow(deps);
  const about = { cluster: 'default' };
  expect(await ask(person('U0BOB'), about)).toEqual({ allowed: true });
  members = [];
  expect(await ask(person('U0BOB'), about)).toMatchObject({ allowed: false, retry: false });
  expect(await ask(operator('eve'), about)).toEqual({ allowed: true });
});

test('the approvers of a namespace decide about fixes of its pods alone, in their cluster, and others still do', async () => {
  const further: AuthoriseDeps = {
    ...deps,
    approversOf: new Map([
      ['east', ['U0ALICE']],
      ['west', ['U0BOB']],
    ]),
    namespaceApprovers: (cluster, namespace) => (cluster === 'east' && namespace === 'shop' ? ['U0SHOP'] : []),
  };
  const who = async (user: string, cluster: string, namespace?: string) => {
    const { allowed: may } = await permissionNow(further)(person(user), { cluster, touches: { namespace } });
    return [may, (await mayApprove(forPlan(further, { cluster, touches: { namespace } }), user)).allowed];
  };
  expect(await who('U0SHOP', 'east', 'shop')).toEqual([true, true]);
  expect(await who('U0ALICE', 'east', 'shop')).toEqual([true, true]);
  expect(await who('U0SHOP', 'east')).toEqual([false, false]);
  expect(await who('U0SHOP', 'east', 'other')).toEqual([false, false]);
  expect(await who('U0SHOP', 'west', 'shop')).toEqual([false, false]);
  expect(forPlan(further, null).approvers).toEqual(deps.approvers);
});
