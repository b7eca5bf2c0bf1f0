import { expect, test } from '@jest/globals';
import { makePlans } from '../../src/plans/make-plans.ts';
import { target } from '../support/house.ts';
import { otherSeals, proposed } from '../support/signing.ts';
import { deps, plans, store, verdictOf } from './one-run.ts';

test('a plan that waits and that this program did not make is not told as its own: a new one is made', async () => {
  const verdict = await verdictOf();
  const [own] = await plans();
  await store.savePlan(proposed(own!.plan, 'eve', otherSeals));
  const [root] = verdict.roots;
  const open = {
    ...verdict,
    roots: [{ ...root!, fix: { id: 'paint-door', plan: null, input: root!.fix?.input ?? {} } }],
  };
  const untold = { ...store, events: async () => [] };
  const access = await deps.open('default');
  await makePlans({ ...deps, store: untold }, access, open, { target, requester: 'ann' });
  const all = await plans();
  expect(all.map(({ requester }) => requester).toSorted()).toEqual(['ann', 'eve']);
  expect(all.map(({ state }) => state)).toEqual(['proposed', 'proposed']);
});
