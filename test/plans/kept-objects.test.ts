import { beforeEach, describe, expect, test } from '@jest/globals';
import { applyPlan } from '../../src/plans/apply-fix.ts';
import { approve, deps, plan, propose, takeUp } from './two-workers.ts';

describe('a plan that must not cost objects', () => {
  const windows = { fact: 'objects', watches: 'windows stay', notWatched: null } as const;
  let there: readonly (readonly string[] | Error)[];
  const names = async () => {
    const [now = [], ...later] = there;
    there = later;
    if (now instanceof Error) throw now;
    return now;
  };
  const withWindows = (notWatched: string | null = null) => ({
    ...deps,
    fixes: deps.fixes.map((fix) => ({
      ...fix,
      keeps: {
        watches: 'windows stay',
        notWatched: () => notWatched,
        names,
        missed: async (_context: unknown, _input: unknown, gone: readonly string[]) =>
          gone.filter((name) => name !== 'window sold'),
      },
    })),
  });
  beforeEach(async () => {
    takeUp(await propose({ id: `${plan.id}w`, controls: [windows] }));
    await approve();
  });

  test.each([
    ['all are there', [['window a'], ['window a', 'window b']], 'windows stay: 1 are there'],
    ['one went rightly', [['window a', 'window sold'], ['window a']], 'windows stay: 2 are there'],
    ['they could not be named before', [new Error('fog')], 'windows stay: not checked: fog'],
    ['they could not be named after', [['window a'], new Error('fog')], 'windows stay: not checked: fog'],
  ])('is verified, and says so, where %s', async (_, found, said) => {
    there = found;
    expect(await applyPlan(withWindows(), plan.id)).toMatchObject({
      state: 'verified',
      reason: expect.stringContaining(said),
    });
  });

  test('is rolled back when one is lost, though it is verified', async () => {
    there = [['window a', 'window b', 'window c'], ['window c']];
    expect(await applyPlan(withWindows(), plan.id)).toMatchObject({
      state: 'rolled-back',
      reason: expect.stringContaining('window a is lost, and 1 more'),
    });
  });

  test('asks for none where there are none to watch', async () => {
    there = [new Error('asked')];
    expect(await applyPlan(withWindows('no windows'), plan.id)).toMatchObject({
      state: 'verified',
      reason: expect.not.stringContaining('windows'),
    });
  });
});
