/** Dialogs that begin with what is known already: a half-typed command, or an inconclusive run. */
import { beforeEach, expect, test } from '@jest/globals';
import { offeredKey } from '../../src/model/offered-names.ts';
import { emptyRedis, jobsOf, postButtons, settles, store, up, whispers, workspace } from './served-bot.ts';

beforeEach(async () => {
  await emptyRedis();
  await up('socket', { approvers: 'U0ALICE' });
});

test.each([
  ['diagnose shop/', 'pod', 'shop/'],
  ['diagnose svc:shop', 'pod', 'svc:shop'],
  ['diagnose shop/api port 8080/tcp from', 'port', '8080/tcp'],
  ['policy shop/', 'pod', 'shop/'],
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

/** Opens the dialog of a command, and returns what a person does in it. */
async function dialogOf(text: string) {
  await workspace.command({ user: 'carol', channel: 'oncall', text: `/calico ${text}` });
  await settles(() => workspace.views('carol').length > 0);
  const view_id = workspace.views('carol')[0]?.id ?? '';
  return {
    submit: (state: Readonly<Record<string, string>>) =>
      workspace.submit({
        user: 'carol',
        view_id,
        state: Object.fromEntries(Object.entries(state).map(([field, value]) => [field, { [field]: value }])),
      }),
    offered: async (typed: string) =>
      JSON.stringify(await workspace.suggest({ user: 'carol', view_id, action_id: 'chosen', value: typed })),
  };
}

const offer = (namespace: string | null, ...names: readonly string[]) =>
  store.remember(offeredKey({ cluster: 'default', namespace }), JSON.stringify({ at: Date.now(), names }), 60);

test('asks for the pod whose policies are to be shown, and offers no Services', async () => {
  const { taken } = jobsOf();
  await offer(null, 'shop');
  await offer('shop', 'shop/api', 'svc:shop/api');
  const { submit, offered } = await dialogOf('policy');
  expect(await offered('shop/')).toContain('shop/api');
  expect(await offered('shop/')).not.toContain('svc:');
  expect(await submit({})).toMatchObject({ errors: { pod: 'Name a pod, or choose one.' } });
  expect(await submit({ pod: 'svc:shop/api' })).toMatchObject({ errors: { pod: expect.stringContaining('valid') } });
  expect(await submit({ pod: 'shop/api', port: '80x' })).toMatchObject({ errors: { port: expect.any(String) } });
  expect(await submit({ chosen: 'shop/api', from: 'shop/web', port: '80' })).toMatchObject({ errors: null });
  const questions = () => taken.filter(({ data }) => (data as { readonly kind: string }).kind === 'question');
  await settles(() => questions().length > 0);
  expect(questions().map(({ data }) => data)).toMatchObject([
    {
      user: 'U0CAROL',
      channel: 'C0ONCALL',
      about: {
        what: 'policies',
        target: { namespace: 'shop', pod: 'api', from: { name: 'web' }, port: { number: 80 } },
      },
    },
  ]);
  await settles(() => whispers('carol').length > 0);
  expect(whispers('carol')).toEqual(['Reading shop/api. Only you see the answer, in this channel.']);
});

test('asks for the name of a node', async () => {
  const { taken } = jobsOf();
  const { submit } = await dialogOf('node');
  expect(await submit({ node: 'a/b' })).toMatchObject({ errors: { node: '"a/b" is not a valid node name.' } });
  expect(await submit({ node: ' node:n2 ' })).toMatchObject({ errors: null });
  await settles(() => taken.length > 0);
  expect(taken[0]?.data).toMatchObject({ kind: 'question', about: { what: 'node', cluster: 'default', node: 'n2' } });
});
