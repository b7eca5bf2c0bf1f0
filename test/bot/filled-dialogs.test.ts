/** Dialogs that begin with what is known already: a half-typed command, or an inconclusive run. */
import { beforeEach, expect, test } from '@jest/globals';
import { emptyRedis, jobsOf, postButtons, settles, up, whispers, workspace } from './served-bot.ts';

beforeEach(async () => {
  await emptyRedis();
  await up('socket', { approvers: 'U0ALICE' });
});

test.each([
  ['diagnose shop/', 'pod', 'shop/'],
  ['diagnose svc:shop', 'pod', 'svc:shop'],
  ['diagnose shop/api port 8080/tcp from', 'port', '8080/tcp'],
])('opens at the half-typed command %j, with what was typed', async (text, field, value) => {
  await workspace.command({ user: 'carol', channel: 'oncall', text: `/calico ${text}` });
  await settles(() => workspace.views('carol').length > 0);
  const [view] = workspace.views('carol');
  const shown = JSON.stringify(view?.blocks.find((block) => block['block_id'] === field));
  expect(shown).toContain(`"initial_value":"${value}"`);
  expect(whispers('carol')).toEqual([]);
});

test('asks for the client whose packets are to be waited for', async () => {
  const { taken } = jobsOf();
  const ts = await postButtons('waits');
  await workspace.click({ user: 'carol', channel: 'oncall', ts, action_id: 'wait_for_traffic' });
  await settles(() => workspace.views('carol').length > 0);
  const view_id = workspace.views('carol')[0]?.id ?? '';
  expect(JSON.stringify(workspace.views('carol')[0]?.blocks)).toContain('"initial_value":"60"');
  const whole = { chosen: { chosen: 'default/mypod' }, from: { from: 'outside:198.51.100.7' }, wait: { wait: '60' } };
  expect(await workspace.submit({ user: 'carol', view_id, state: whole })).toMatchObject({ errors: null });
  await settles(() => taken.length > 0);
  expect(taken[0]?.data).toMatchObject({ target: { pod: 'mypod', from: { kind: 'outside' }, wait: 60 } });
});
