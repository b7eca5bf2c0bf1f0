import { expect, test } from '@jest/globals';
import { applyJob, rollbackJob } from '../../src/model/job-catalogue.ts';
import { jobHandlers } from '../../src/jobs/worker.ts';
import { applyPlan } from '../../src/plans/apply-fix.ts';
import { noQuestions } from '../support/no-questions.ts';
import { testSeals } from '../support/signing.ts';
import { approve, attacker, deps, plan, signal, store, stored, wish, world } from './attacked-store.ts';

const fix = (data: unknown) => handlers().fix.run(data, signal);
const handlers = () => jobHandlers({ ...deps, followUpMinutes: [], ...noQuestions, notify: async () => undefined });
const toldUnread = async () => (await store.events(plan.run)).filter(({ type }) => type === 'plan-unread');

/** As a version writes it that has another form of plans. */
const madeNewer = () =>
  attacker.hset(`calico-chatops:plan:${plan.id}`, 'plan', JSON.stringify({ id: plan.id, form: 'of tomorrow' }));

test('an approved plan that this version cannot read is told in its thread, and its job fails', async () => {
  await approve();
  const { data } = applyJob(plan, (await stored()).approval);
  await madeNewer();
  await expect(fix(data)).rejects.toThrow('that this version can read');
  const seal = testSeals.seal('unread', { run: plan.run, plan: plan.id, action: 'apply' });
  expect(await toldUnread()).toMatchObject([{ plan: plan.id, action: 'apply', seal }]);
  expect(world.applied).toBe(0);
});

test('so is a rollback', async () => {
  await approve();
  await applyPlan(deps, plan.id);
  const { data } = rollbackJob(plan, await wish());
  await madeNewer();
  await expect(fix(data)).rejects.toThrow('that this version can read');
  expect(await toldUnread()).toMatchObject([{ action: 'rollback' }]);
  expect(world.rolledBack).toBe(0);
});

test('a plan that is read is not told so, also of a job that an older version added', async () => {
  await approve();
  await fix({ plan: plan.id, action: 'apply' });
  expect(world.applied).toBe(1);
  expect(await toldUnread()).toEqual([]);
});

test('a job about a run that is not there begins none', async () => {
  await expect(fix({ plan: 'p-none', run: 'r-none', action: 'apply' })).rejects.toThrow('there is no plan p-none');
  expect(await store.events('r-none')).toEqual([]);
});
