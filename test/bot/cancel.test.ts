import { describe, expect, test } from '@jest/globals';
import type { RunEventOf } from '../../src/model/runs.ts';
import { withoutSecrets } from '../../src/model/stored-event.ts';
import { at, started } from './sample-run.ts';
import { workspace, store, up, jobsOf, whispers, running, cancelledBy, clickCancel, settles } from './served-bot.ts';

describe('cancelling', () => {
  test.each([
    ['the requester', 'alice', 'U0CAROL'],
    ['an approver', 'bob', 'U0ALICE,U0BOB'],
  ])('%s may, and the run says who it was', async (_who, user, approvers) => {
    await up('socket', { approvers });
    const run = `r-cancel-${user}`;
    await clickCancel(user, await running(run));
    await settles(async () => (await cancelledBy(run)).length > 0);
    expect(await cancelledBy(run)).toEqual([`U0${user.toUpperCase()}`]);
    expect(await store.recall(`cancel.${run}`)).toBe(`U0${user.toUpperCase()}`);
  });

  test('somebody else may not, by button or by command', async () => {
    await up('socket');
    const ts = await running('r-cancel-carol');
    await clickCancel('carol', ts);
    await settles(() => whispers('carol').length > 0);
    await workspace.command({ user: 'carol', channel: 'oncall', text: '/calico cancel r-cancel-carol' });
    expect(whispers('carol')).toEqual(
      [1, 2].map(() =>
        expect.stringContaining('Not cancelled: only the person who asked for it and approvers may cancel it'),
      ),
    );
    expect(await cancelledBy('r-cancel-carol')).toEqual([]);
  });

  test('by command, the run that the person asked for last', async () => {
    await up('socket');
    const { taken } = jobsOf();
    await store.forget('last-run.U0CAROL');
    await workspace.command({ user: 'carol', channel: 'oncall', text: '/calico cancel' });
    expect(whispers('carol').at(-1)).toMatch(
      /^You asked for no diagnosis within the last day\. Of others, these run:\n\/calico cancel r-\S+: default\/mypod$/m,
    );
    await workspace.command({ user: 'carol', channel: 'oncall', text: '/calico diagnose default/mypod' });
    await settles(() => taken.length > 0);
    const { run } = taken[0]!.data as { run: string };
    await workspace.command({ user: 'carol', channel: 'oncall', text: '/calico cancel' });
    expect(whispers('carol').at(-1)).toContain(`I know no run ${run} that has started`);
    await store.append(run, withoutSecrets({ ...(started as RunEventOf<'started'>), at, requester: 'U0CAROL' }));
    await workspace.command({ user: 'carol', channel: 'oncall', text: '/calico cancel' });
    expect(whispers('carol').at(-1)).toBe(`Cancelled ${run}.`);
    expect(await cancelledBy(run)).toEqual(['U0CAROL']);
    await workspace.command({ user: 'carol', channel: 'oncall', text: '/calico cancel' });
    expect(whispers('carol').at(-1)).toBe(`The run ${run} has ended already.`);
  });
});
