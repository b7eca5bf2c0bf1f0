import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ClusterAccess } from '../../src/model/cluster-access.ts';
import type { Fix, FixContext, FixPlan } from '../../src/model/fix.ts';
import { LookError } from '../../src/model/look-error.ts';
import { draftFix, writeFix } from '../../src/plans/use-fix.ts';
import { house, houseDeps, type House } from '../support/house.ts';
import { samplePlan } from '../support/sample-plan.ts';

let world: House;
let fix: Fix;
let access: ClusterAccess;
beforeEach(async () => {
  world = house();
  // No part of a fix knows the store.
  const deps = houseDeps(world, null as never);
  [fix] = deps.fixes as [Fix];
  access = await deps.open('default');
});
const color = (value: string) => ({ id: 'color', description: 'the color', value });
const planned = (change: Partial<FixPlan> = {}) => samplePlan({ preconditions: [color('red')], ...change });
const written = (plan: FixPlan = planned()) => writeFix(fix, access, plan);

describe('a fix writes', () => {
  beforeEach(() => void (world.conditions = [color('red')]));

  test('where all is as planned', async () => {
    expect(await written()).toMatchObject({ outcome: 'applied', evidence: [{ command: 'paint door', node: 'house' }] });
  });
  test('once: what is so already is superseded', async () => {
    world.knowsPaint = true;
    await written();
    expect(await written()).toMatchObject({ outcome: 'superseded', why: 'the door is painted already' });
    expect(world.applied).toBe(1);
  });
});

describe('nothing is written when', () => {
  beforeEach(() => void (world.conditions = [color('red')]));

  test.each<[string, () => void, string]>([
    [
      'a condition has another value',
      () => void (world.conditions = [color('blue')]),
      'the cluster changed since the plan: the color: was "red", is "blue"',
    ],
    [
      'a condition is no longer checked',
      () => void (world.conditions = []),
      'the cluster changed since the plan: the color: no longer checked',
    ],
    [
      'a condition is new',
      () => void (world.conditions = [color('red'), { id: 'age', description: 'the age', value: '9' }]),
      'the cluster changed since the plan: the age: not checked when the plan was made',
    ],
    ['the fix may not act any more', () => void (world.noPlan = 'the door is listed'), 'the door is listed'],
    [
      'the conditions cannot be read',
      () => void (world.whileLooking = () => Promise.reject(new LookError('timeout', 'fog'))),
      'its conditions were not checked: fog',
    ],
  ])('%s', async (_, change, why) => {
    change();
    expect(await written()).toMatchObject({ outcome: 'refused', why });
    expect(world.applied).toBe(0);
  });
  test("the plan's input is not the fix's", async () => {
    expect(await written(planned({ input: { window: 'left' } }))).toMatchObject({
      outcome: 'refused',
      why: "this version of paint-door does not take the plan's input",
    });
    expect(world.applied).toBe(0);
  });
});

describe('a look may not write', () => {
  const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x' };
  const own = { uid: 'u', resourceVersion: '1' };
  test.each<[string, (context: FixContext) => unknown]>([
    [
      'a command that writes',
      ({ shells }) =>
        shells
          .shell({ name: 'house', address: '10.0.0.9' })
          .start({ command: fix.commands[0]!, moment: 'first', params: {} }),
    ],
    ['a merge', ({ writer }) => writer.merge(reference, {}, own, { dryRun: false })],
  ])('%s', async (_, write) => {
    world.whileLooking = async (context) => void (await write(context));
    await expect(written()).rejects.toThrow(/^paint-door (?:runs|writes) .*while it looks$/);
    await expect(draftFix(fix, access, planned().input)).rejects.toThrow(/while it looks$/);
  });
  test('a dry run is a look', async () => {
    const dry: unknown[] = [];
    const merge = async (
      _reference: object,
      change: object,
      _precondition: object,
      { dryRun }: { dryRun: boolean },
    ) => {
      dry.push(dryRun);
      return { ok: true, value: change as never, request: 'PATCH', at: '' } as const;
    };
    world.whileLooking = async ({ writer }) => void (await writer.merge(reference, {}, own, { dryRun: true }));
    const result = await writeFix(fix, { ...access, writer: { merge } }, samplePlan());
    expect([result.outcome, dry]).toEqual(['applied', [true]]);
    expect(result.evidence.map(({ command }) => command)).toEqual(['PATCH', 'paint door']);
  });
  test.each([
    ['was accepted', [true], true],
    ['was not tried', [], false],
    ['was refused, and the fix went on', [true, false], false],
  ])('a plan says whether a dry run %s', async (_, answers, rehearsed) => {
    const merge = async () => {
      const ok = answers[asked] === true;
      asked += 1;
      return ok
        ? ({ ok, value: {} as never, request: 'PATCH', at: '' } as const)
        : ({ ok, status: 403, reason: 'forbidden', request: 'PATCH', at: '' } as const);
    };
    let asked = 0;
    world.whileLooking = async ({ writer }) => {
      while (asked < answers.length) await writer.merge(reference, {}, own, { dryRun: true });
    };
    expect(await draftFix(fix, { ...access, writer: { merge } }, planned().input)).toMatchObject({
      ok: true,
      rehearsed,
    });
  });
});

test("no plan is drafted for an input that is not the fix's", async () => {
  await expect(draftFix(fix, access, { window: 'left' })).rejects.toThrow(/window/);
});
