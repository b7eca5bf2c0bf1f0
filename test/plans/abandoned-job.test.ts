/** A job of a plan that ended with an error, and plans that no job ends any more. */
import { expect, test } from '@jest/globals';
import { jobHandlers } from '../../src/jobs/worker.ts';
import { applyJob } from '../../src/model/job-catalogue.ts';
import { StoreUnreachable } from '../../src/model/runs.ts';
import { settleOverdue } from '../../src/plans/abandon-plan.ts';
import type { FixDeps } from '../../src/plans/apply-fix.ts';
import { otherSeals, proposed } from '../support/signing.ts';
import { noQuestions } from '../support/no-questions.ts';
import { approve, deps, lastTold, plan, plant, signal, store, stored, world } from './attacked-store.ts';

const fixOf = (own: FixDeps) =>
  jobHandlers({ ...own, ...noQuestions, followUpMinutes: [], notify: async () => undefined }).fix;
const job = async () => applyJob(plan, (await stored()).approval);
const sweep = async (own = true) => settleOverdue(deps, [await stored()], () => own);

test('Redis was away when it began: the plan is offered again', async () => {
  await approve();
  const { id, data } = await job();
  const away = { ...deps, store: { ...store, plan: () => Promise.reject(new StoreUnreachable('no answer')) } };
  const error = await fixOf(away)
    .run(data, signal)
    .catch((thrown: Error) => thrown);
  expect(error).toBeInstanceOf(StoreUnreachable);
  await fixOf(deps).abandoned?.(data, { id, error: error as Error });
  expect(await stored()).toMatchObject({ state: 'proposed', approval: null, approver: null });
  expect(await lastTold()).toMatchObject({ note: expect.stringMatching(/^Not applied: .*Approve it again\.$/) });
});

test('a job of an earlier approval takes the later one nothing away', async () => {
  await approve();
  const { id, data } = await job();
  await plant({ state: 'proposed', approver: null, approval: null });
  world.now += 1000;
  await approve();
  const before = await stored();
  await fixOf(deps).abandoned?.(data, { id, error: null });
  expect(await stored()).toEqual(before);
});

test('a plan that was approved and that no worker applied in time is over, and people are told', async () => {
  await approve();
  world.now = 3_600_000 + 299_000;
  await sweep();
  expect((await stored()).state).toBe('approved');
  world.now += 2000;
  await sweep(false);
  expect((await stored()).state).toBe('approved');
  await sweep();
  expect((await stored()).state).toBe('expired');
  expect(await lastTold()).toMatchObject({ note: expect.stringMatching(/Nothing was changed: diagnose again/) });
});

test('of an overdue plan that this program did not make nothing is told', async () => {
  const foreign = { ...plan, id: `${plan.id}-foreign` };
  await store.savePlan(proposed(foreign, 'ann', otherSeals));
  await plant({ state: 'approved' }, foreign.id);
  world.now = 7_200_000;
  const warned: string[] = [];
  const quiet = { ...deps, warn: (what: string) => void warned.push(what) };
  await settleOverdue(quiet, [await stored(foreign.id)], () => true);
  expect([(await stored(foreign.id)).state, warned]).toEqual(['approved', [`plan ${foreign.id} is left alone`]]);
  expect(await lastTold()).toBeUndefined();
});
