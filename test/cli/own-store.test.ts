import { expect, test } from '@jest/globals';
import { createOwnStore } from '../../src/cli/own-store.ts';
import type { CleanEvent, RunStore } from '../../src/model/runs.ts';

const event = (step: string) => ({ type: 'note', step }) as unknown as CleanEvent;

/** A shared store of which only what this run needs is there. */
function sharedStore(append: RunStore['append']): RunStore {
  return { append, recall: async (key: string) => `${key} is known` } as unknown as RunStore;
}

test('no event waits for a store that is not open yet, and each comes into it in its order', async () => {
  const opening = Promise.withResolvers<RunStore | null>();
  const store = createOwnStore(opening.promise, () => undefined);
  expect([await store.append('r-1', event('one')), await store.append('r-1', event('two'))]).toEqual([1, 2]);
  const written: CleanEvent[] = [];
  opening.resolve(sharedStore(async (_, one) => written.push(one)));
  expect(await store.isKept()).toBe(true);
  expect(written).toEqual([event('one'), event('two')]);
  await store.append('r-1', event('three'));
  expect(written).toEqual(await store.events('r-1'));
});

test('what an earlier run remembered is waited for', async () => {
  const opening = Promise.withResolvers<RunStore | null>();
  const recalled = createOwnStore(opening.promise, () => undefined).recall('pod');
  opening.resolve(sharedStore(async () => 1));
  expect(await recalled).toBe('pod is known');
});

test('a store that took one event of two keeps no run: this is told once, and the run goes on', async () => {
  const told: string[] = [];
  let taken = 0;
  const lost = sharedStore(async () => {
    taken += 1;
    if (taken > 1) throw new Error('gone');
    return taken;
  });
  const store = createOwnStore(Promise.resolve(lost), (what) => told.push(what));
  for (const step of ['one', 'two', 'three']) await store.append('r-1', event(step));
  expect(await store.isKept()).toBe(false);
  expect({ told, taken, recalled: await store.recall('pod') }).toEqual({
    told: ['the run is no longer kept'],
    taken: 2,
    recalled: null,
  });
  expect(await store.events('r-1')).toHaveLength(3);
});

test('without a store a run has its events, and no plan can be kept', async () => {
  const store = createOwnStore(Promise.resolve(null), () => undefined);
  await store.append('r-1', event('one'));
  expect({ kept: await store.isKept(), events: await store.events('r-1') }).toMatchObject({
    kept: false,
    events: [event('one')],
  });
  await expect(store.plans()).rejects.toThrow('there is no Redis');
});
