/** A workspace that refuses rich text: dialogs, the Home tab and private answers arrive in the oldest blocks. */
import { expect, test } from '@jest/globals';
import { plainBlocks } from '../../src/bot/render/plain-blocks.ts';
import type { ScreenView } from '../../src/model/thread.ts';
import { checkView } from '../../tools/slack-workspace/block-kit/check-view.ts';
import { dialogs, home } from '../golden/scenes.ts';
import { events, sampleRun, wholeRun } from './sample-run.ts';
import { logged, postButtons, settles, store, up, whispers, workspace } from './served-bot.ts';

test('where Slack refuses rich text, a plan, the Home tab and an answer are shown', async () => {
  await up('socket', { lacksBlocks: ['rich_text'] });
  for (const event of events(wholeRun)) await store.append(sampleRun, event);
  const ts = await postButtons('create-pod-profile');
  await workspace.click({ user: 'alice', channel: 'oncall', ts, action_id: 'review_fix' });
  await settles(() => workspace.views('alice').length > 0);
  const [view] = workspace.views('alice');
  expect(JSON.stringify(view)).toContain('no watched flow gets worse');
  expect(JSON.stringify(view)).not.toContain('rich_text');

  workspace.openHome('alice');
  await settles(() => workspace.home('alice') !== null);
  expect(JSON.stringify(workspace.home('alice'))).toContain('Fixes that wait for you');
  expect(JSON.stringify(workspace.home('alice'))).not.toContain('rich_text');

  await workspace.click({ user: 'carol', channel: 'oncall', ts, action_id: 'approve_fix' });
  await settles(() => whispers('carol').length > 0);
  expect(whispers('carol')[0]).toContain('You cannot decide about this fix');
  for (const what of [
    'a dialog was refused',
    'the Home tab of U0ALICE was refused',
    'an answer to U0CAROL was refused',
  ])
    expect(logged).toContainEqual(expect.stringContaining(what));
});

test.each<[string, ScreenView]>([['home', home], ...Object.entries(dialogs)])(
  'the screen %s is one that Slack takes in the oldest blocks',
  (_, view) => {
    const { blocks } = plainBlocks({ text: '', blocks: view.blocks });
    expect(() => checkView({ ...view, blocks })).not.toThrow();
    expect(blocks.map(({ type }) => type)).not.toContain('rich_text');
  },
);
